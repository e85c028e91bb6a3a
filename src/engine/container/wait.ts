// POST /containers/{id}/wait
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface WaitResponse {
  StatusCode: number;
  Error: { Message: string } | null;
}

/** Throws at once for an unknown name or condition; the headers can go out when this returns, the body when `response` resolves. */
export function waitContainer(_engine: Engine, _name: string, _options: { condition?: string; signal?: AbortSignal }): { response: Promise<WaitResponse> } {
  throw notImplemented("stub");
}
