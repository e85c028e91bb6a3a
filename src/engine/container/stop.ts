// POST /containers/{id}/stop
import { EngineError, internal, kindOf, messageOf } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Actor } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { emitContainerEvent } from "./container-event.ts";
import { endsWithin, killAndWait, sendSignal } from "./kill.ts";
import { findContainer } from "./row.ts";
import { parseSignal, stopSignalOf } from "./signals.ts";
import { assertAllowed } from "./state.ts";

export interface StopOptions {
  signal?: string;
  /** Negative: for ever. */
  timeoutSeconds?: number;
  actor: Actor;
}

const DEFAULT_TIMEOUT_SECONDS = 10;
const UNSENT_WAIT_MS = 2000;

/** `not_modified` if it does not run. A client that hangs up does not end it. */
export async function stopContainer(engine: Engine, name: string, options: StopOptions): Promise<void> {
  const row = findContainer(engine, name);
  assertAllowed("stop", row, name);
  try {
    await stopRunning(engine, row.id, options);
  } catch (error) {
    throw internal(`cannot stop container: ${name}: ${messageOf(error)}`, error instanceof EngineError ? { ...error.detail } : {}, error);
  }
}

/** Returns once it has ended. */
export async function stopRunning(engine: Engine, containerId: string, { signal = "", timeoutSeconds, actor }: StopOptions): Promise<void> {
  const row = findContainer(engine, containerId);
  const number = signal === "" ? stopSignalOf(row.config) : parseSignal(signal);
  const seconds = timeoutSeconds ?? row.config.StopTimeout ?? DEFAULT_TIMEOUT_SECONDS;
  engine.supervisor.cancelRestart(containerId);
  using stop = engine.supervisor.stopping(containerId, actor);
  const problem = await trySignal(engine, containerId, number, actor);
  failpoint("stop:after-signal");
  const timeoutMs = problem !== undefined ? UNSENT_WAIT_MS : seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  if (!(await endsWithin(engine, containerId, timeoutMs))) {
    engine.log.info("container does not stop and is killed", { container: containerId, signal: number, error: problem });
    await killAndWait(engine, containerId, actor).catch((error: unknown) => {
      // it ended while we made up our mind
      if (kindOf(error) !== "conflict" && kindOf(error) !== "not_found") throw error;
    });
  }
  const now = stop.isTold ? undefined : engine.store.view((tx) => tx.containers.find(containerId));
  if (now !== undefined) emitContainerEvent(engine, now, "stop", {}, actor);
}

async function trySignal(engine: Engine, containerId: string, signal: number, actor: Actor): Promise<string | undefined> {
  try {
    await engine.containerLocks.hold(containerId, () => sendSignal(engine, containerId, signal, actor, { isStop: true }));
    return undefined;
  } catch (error) {
    if (kindOf(error) === "conflict" || kindOf(error) === "not_found") return undefined;
    return messageOf(error);
  }
}
