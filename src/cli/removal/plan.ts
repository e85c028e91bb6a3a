// A plan of removal, as the daemon makes it or as it is estimated here: what goes, what stays and why, and the bytes.

export type PlanVerb = "rm" | "rmi" | "prune-containers" | "prune-images" | "prune-networks" | "prune-volumes" | "prune-build" | "prune-system";

export interface PlanRequest {
  readonly verb: PlanVerb;
  readonly names?: readonly string[];
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface PlannedObject {
  readonly kind: string;
  readonly id: string;
  readonly names?: readonly string[];
  readonly freesBytes: number;
  readonly reason?: string;
}

export interface PlanBlocker {
  readonly kind?: string;
  readonly id?: string;
  readonly name?: string;
  readonly state?: string;
}

export interface BlockedObject {
  readonly object: string | { readonly kind?: string; readonly id?: string; readonly names?: readonly string[]; readonly name?: string };
  readonly blockers: readonly PlanBlocker[];
  readonly reason?: string;
  readonly suggestion?: string;
}

export interface Plan {
  readonly token?: string;
  readonly objects: readonly PlannedObject[];
  readonly blocked: readonly BlockedObject[];
  readonly totalBytes: number;
  /** Computed by the client from what a Docker daemon lists. */
  readonly estimated?: boolean;
}

export function blockedName({ object }: BlockedObject): string {
  if (typeof object === "string") return object;
  return object.name ?? object.names?.[0] ?? object.id ?? "";
}
