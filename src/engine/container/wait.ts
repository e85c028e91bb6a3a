// POST /containers/{id}/wait
import { invalid } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import { findContainer } from "./row.ts";
import type { WaitCondition } from "./supervisor.ts";

export interface WaitResponse {
  StatusCode: number;
  /** Left out when there is none, as Docker does. */
  Error?: { Message: string };
}

const CONDITIONS: readonly string[] = ["not-running", "next-exit", "removed"] satisfies WaitCondition[];

/** Throws at once for an unknown name or condition; the headers can go out when this returns, the body when `response` resolves. */
export function waitContainer(
  engine: Pick<Engine, "store" | "supervisor">,
  name: string,
  { condition = "", signal }: { condition?: string; signal?: AbortSignal },
): { response: Promise<WaitResponse> } {
  const wanted = condition === "" ? "not-running" : condition;
  if (!isCondition(wanted)) throw invalid(`invalid condition: ${JSON.stringify(wanted)}`);
  const { id } = findContainer(engine, name);
  const response = engine.supervisor.wait(id, wanted, signal).then(({ exitCode, error }): WaitResponse => ({ StatusCode: exitCode, ...(error === undefined ? {} : { Error: { Message: error } }) }));
  return { response };
}

function isCondition(text: string): text is WaitCondition {
  return CONDITIONS.includes(text);
}
