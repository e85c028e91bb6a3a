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
  /** As shown to people. */
  readonly name: string;
  readonly freesBytes: number;
  readonly reason?: string;
}

export interface PlanBlocker {
  readonly kind?: string;
  readonly id?: string;
  readonly name?: string;
  readonly state?: string;
  /** How it holds the object. */
  readonly how?: string;
}

export interface KeptObject {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly reason?: string;
  readonly blockers: readonly PlanBlocker[];
  readonly suggestion?: string;
}

export interface Plan {
  readonly token?: string;
  readonly objects: readonly PlannedObject[];
  readonly kept: readonly KeptObject[];
  readonly freesBytes: number;
  /** Computed by the client from what a Docker daemon lists. */
  readonly estimated?: boolean;
}
