// Everything known of one object, as the daemon tells it or as it is estimated.
import type { PlanBlocker } from "./plan.ts";

/** Who did it, as the client said of itself. */
export interface Person {
  readonly user?: string;
  readonly client?: string;
}

export interface Explanation {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly origin: { readonly how: string; readonly from?: string; readonly atMs: number; readonly by?: Person };
  readonly lastUsedMs?: number;
  readonly lastUsedBy?: Person;
  readonly useCount?: number;
  readonly usedBy: readonly PlanBlocker[];
  readonly uses: readonly { readonly kind: string; readonly id: string; readonly name: string }[];
  readonly removal: { readonly possible: boolean; readonly needsForce: boolean; readonly reason?: string; readonly suggestion?: string; readonly freesBytes: number };
  /** Computed by the client from what a Docker daemon lists. */
  readonly estimated?: boolean;
}
