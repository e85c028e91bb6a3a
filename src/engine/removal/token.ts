// Plans kept for the one who was shown them: a token stands for exactly those objects, for an hour.
import { randomBytes } from "node:crypto";
import { notFound } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Plan } from "./plan.ts";

const KEPT_MS = 3600 * 1000;
const MOST = 100;
/** Of all kept texts: one of a thousand images is about a megabyte. */
const MOST_BYTES = 32 << 20;

export function keepPlan({ store, clock }: Pick<Engine, "store" | "clock">, plan: Plan): string {
  const token = randomBytes(12).toString("hex");
  const nowMs = clock.nowMs();
  store.update((tx) => {
    const text = JSON.stringify(plan);
    let bytes = text.length;
    const newestFirst = tx.plans.list().toReversed().toSorted((a, b) => b.createdMs - a.createdMs);
    for (const [index, row] of newestFirst.entries()) {
      bytes += row.text.length;
      if (nowMs - row.createdMs > KEPT_MS || index >= MOST - 1 || bytes > MOST_BYTES) tx.plans.remove(row.token);
    }
    tx.plans.put({ token, createdMs: nowMs, text });
  });
  return token;
}

/** The plan of a token, which can be used once. */
export function takePlan({ store, clock }: Pick<Engine, "store" | "clock">, token: string): Plan {
  return store.update((tx) => {
    const row = tx.plans.find(token);
    if (row === undefined || clock.nowMs() - row.createdMs > KEPT_MS) throw notFound(`No such plan: ${token}`);
    tx.plans.remove(token);
    return JSON.parse(row.text) as Plan;
  });
}
