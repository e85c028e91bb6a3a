// After a refusal: who is in the way, and what would help. Only what the daemon says; Docker's own daemon says nothing.
import { EngineError } from "../base/errors.ts";
import type { Cli } from "./context.ts";
import { parseBool } from "./flag-values.ts";

export interface Blocker {
  kind?: string;
  id?: string;
  name?: string;
  state?: string;
  /** How it holds the object. */
  how?: string;
}

/** Prints one line per blocker and the suggestion on stderr, unless DOCKER_CLI_HINTS is false: Docker's word for it. */
export function printHints({ console, env }: Pick<Cli, "console" | "env">, error: unknown): void {
  if (!(error instanceof EngineError) || parseBool(env["DOCKER_CLI_HINTS"] ?? "") === false) return;
  const bodies = (error.detail["bodies"] as unknown[] | undefined) ?? [error.detail["body"]];
  for (const body of bodies) console.err(hintText(body));
}

export function hintText(body: unknown): string {
  if (body === null || typeof body !== "object") return "";
  const source = { ...(body as { detail?: object }).detail, ...body } as { blockers?: Blocker[]; suggestion?: string; hint?: string };
  const lines = (source.blockers ?? []).map((blocker) => `  ${describeBlocker(blocker)}\n`);
  const advice = source.suggestion ?? source.hint;
  const head = lines.length > 0 ? "In the way:\n" : "";
  return head + lines.join("") + (advice ? `Hint: ${advice}\n` : "");
}

export function describeBlocker({ kind = "object", id, name, state, how }: Blocker): string {
  const named = kind === "tag" || kind === "pin" || kind === "volume" || kind === "lease";
  const short = named ? undefined : id?.replace(/^sha256:/, "").slice(0, 12);
  const both = name && short && name !== short ? `${name} (${short})` : (name ?? short ?? "");
  return `${kind} ${both}${state ? `, ${state}` : ""}${how ? `, ${how}` : ""}`;
}
