// Plans kept for the one who was shown them: a token stands for exactly those objects, for an hour.
import { randomBytes } from "node:crypto";
import { notFound } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Plan } from "./plan.ts";

const KEPT_MS = 3600 * 1000;
const MOST = 100;

export function keepPlan({ store, clock }: Pick<Engine, "store" | "clock">, plan: Plan): string {
  const token = randomBytes(12).toString("hex");
  const nowMs = clock.nowMs();
  store.update((tx) => {
    const rows = tx.plans.list();
    const old = rows.filter((row, index) => nowMs - row.createdMs > KEPT_MS || index < rows.length - MOST + 1);
    for (const row of old) tx.plans.remove(row.token);
    tx.plans.put({ token, createdMs: nowMs, text: JSON.stringify(plan) });
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
