// Waiting for a container's end and its exit code.
import type { Client } from "../../client.ts";
import { failure } from "../../failure.ts";
import { segment } from "../../short-id.ts";

export interface WaitAnswer {
  StatusCode: number;
  Error?: { Message: string } | null;
}

/** A wait under way; wrapped, for a promise of a promise would be awaited at once. */
export interface ExitWatch {
  readonly answer: Promise<WaitAnswer>;
}

export type WaitCondition = "not-running" | "next-exit" | "removed";

/**
 * Resolves, once the daemon is waiting, to the wait under way: so that a container started afterwards cannot end unseen.
 */
export async function watchExit(client: Client, container: string, condition: WaitCondition, signal?: AbortSignal): Promise<ExitWatch> {
  const response = await client.open("POST", `/containers/${segment(container)}/wait`, { query: { condition }, signal });
  const answer = response.json() as Promise<WaitAnswer>;
  answer.catch(() => undefined); // asked for later, or never
  return { answer };
}

export async function exitStatus({ answer }: ExitWatch): Promise<number> {
  const { StatusCode, Error: problem } = await answer;
  if (problem?.Message) throw failure(problem.Message);
  return StatusCode;
}
