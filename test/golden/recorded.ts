// What the real Docker said.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "./run-scenario.ts";

export function recordedPath(name: string): string {
  return join(import.meta.dir, "recorded", `${name}.json`);
}

export function readRecorded(name: string): Outcome[] {
  const path = recordedPath(name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Outcome[]) : [];
}

export function recordedNames(): string[] {
  return readdirSync(join(import.meta.dir, "recorded")).map((file) => file.replace(/\.json$/, "")).toSorted();
}
