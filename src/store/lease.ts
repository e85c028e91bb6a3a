// Leases: what keeps parts alive while work is in progress. They end with the work, or with the daemon.
import { randomUUID } from "node:crypto";
import { internal } from "../base/errors.ts";
import type { Collected, Holds, Writer } from "./records.ts";
import type { LeaseRow } from "./rows.ts";

const LIFETIME_MS = 24 * 3600 * 1000;

interface Updates {
  update<T>(write: (tx: Writer) => T extends Promise<unknown> ? never : T): T;
}

/** Begins a lease that holds nothing yet; returns its id. */
export function openLease(store: Updates, purpose: string, nowMs: number = Date.now()): string {
  const id = randomUUID();
  store.update((tx) => tx.leases.put({ id, purpose, createdMs: nowMs, expiresMs: nowMs + LIFETIME_MS, images: [], diffs: [], chains: [], blobs: [] }));
  return id;
}

/** Adds to what a lease holds, in the transaction that makes or finds it. */
export function holdInLease(tx: Writer, leaseId: string, holds: Holds): void {
  const lease = tx.leases.find(leaseId);
  if (lease === undefined) throw internal(`no such lease: ${leaseId}`);
  const grown: LeaseRow = {
    ...lease,
    images: union(lease.images, holds.images),
    diffs: union(lease.diffs, holds.diffs),
    chains: union(lease.chains, holds.chains),
    blobs: union(lease.blobs, holds.blobs),
  };
  tx.leases.put(grown);
}

/** Ends a lease (again: nothing happens); what it held and nothing else does, goes. */
export function endLease(store: Updates | Writer, leaseId: string): Collected {
  if ("update" in store) return store.update((tx) => endIn(tx, leaseId));
  return endIn(store, leaseId);
}

function endIn(tx: Writer, leaseId: string): Collected {
  const lease = tx.leases.find(leaseId);
  if (lease === undefined) return { diffs: [], chains: [], blobs: [], freedBytes: 0 };
  tx.leases.remove(leaseId);
  return tx.release(lease);
}

function union<T>(has: readonly T[], more: readonly T[] | undefined): readonly T[] {
  return more === undefined || more.length === 0 ? has : [...new Set([...has, ...more])];
}
