// `until`, `label` and `label!` of prune, applied to facts.
import { failure } from "../failure.ts";
import type { PlanRequest } from "../removal/plan.ts";
import { timeQuery } from "../time-query.ts";

interface Filtered {
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What Docker's daemon would refuse must not look like a plan. */
export function checkFilters({ verb, filters = {} }: PlanRequest): void {
  const known = verb === "prune-volumes" ? ["label", "label!"] : ["label", "label!", "until"];
  for (const key of Object.keys(filters)) if (!known.includes(key)) throw failure(`invalid filter '${key}': a Docker daemon knows ${known.join(", ")} here`);
  const until = valuesOf(filters["until"]);
  if (until.length > 1) throw failure("more than one until filter specified");
  timeQuery(until[0] ?? "");
}

export function passes({ filters = {} }: PlanRequest, object: Filtered, nowMs: number): boolean {
  const values = (key: string) => valuesOf(filters[key]);
  const until = values("until")[0];
  if (until !== undefined && object.createdMs > Number(timeQuery(until, nowMs) ?? 0) * 1000) return false;
  if (!values("label").every((label) => hasLabel(object, label))) return false;
  const excluded = values("label!");
  return excluded.length === 0 || !excluded.every((label) => hasLabel(object, label));
}

function valuesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value as string[];
  return value !== null && typeof value === "object" ? Object.keys(value) : [];
}

function hasLabel({ labels }: Filtered, text: string): boolean {
  const equals = text.indexOf("=");
  return equals < 0 ? Object.hasOwn(labels, text) : labels[text.slice(0, equals)] === text.slice(equals + 1);
}
