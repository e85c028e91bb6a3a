// POST /containers/{id}/attach. A client may come before the start: it is given the streams before the process runs.
import { invalid } from "../../base/errors.ts";
import type { AttachStreams } from "../../runtime/runtime.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { emitContainerEvent } from "./container-event.ts";
import { parseDetachKeys } from "./detach-keys.ts";
import { readContainerLog } from "./logs.ts";
import { openSession } from "./open-session.ts";
import { findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";
import type { OutputChunk, StreamSession } from "./stream-session.ts";

export interface AttachOptions {
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  stream?: boolean;
  logs?: boolean;
  detachKeys?: string;
  actor?: Actor;
}

type Parts = Pick<Engine, "store" | "events" | "runtime" | "supervisor" | "clock">;

export async function attachContainer(engine: Parts, name: string, options: AttachOptions): Promise<StreamSession> {
  const keys = parseDetachKeys(options.detachKeys ?? "");
  if (keys === undefined) throw invalid(`Invalid detach keys (${options.detachKeys}) provided`);
  const row = findContainer(engine, name);
  assertAllowed("attach", row, name);
  const isStream = options.stream === true;
  const streams = isStream ? streamsOf(engine, row) : { made: Promise.resolve(undefined), forget: () => undefined };
  const before = options.logs === true ? logBefore(engine, row, options) : undefined;
  emitContainerEvent(engine, row, "attach", {}, options.actor);
  const session = openSession(streams.made, {
    tty: row.config.Tty === true,
    stdin: isStream && options.stdin === true && row.config.OpenStdin === true,
    stdout: options.stdout === true,
    stderr: options.stderr === true,
    endsStdin: row.config.StdinOnce === true,
    detachKeys: keys,
    ...(before === undefined ? {} : { before }),
    onDetach: () => emitContainerEvent(engine, row, "detach", {}, options.actor),
  });
  return {
    ...session,
    close() {
      streams.forget();
      session.close();
    },
  };
}

/** Now if the process is there, else when the next one is made. */
function streamsOf(engine: Parts, row: ContainerRow): { made: Promise<AttachStreams | undefined>; forget: () => void } {
  if (row.state.Pid > 0) return { made: Promise.resolve(engine.runtime.attach(row.id)), forget: () => undefined };
  let forget = (): void => undefined;
  const made = new Promise<AttachStreams | undefined>((resolve) => {
    // at once, not a moment later: the process runs next
    forget = engine.supervisor.onTask(row.id, (outcome) => resolve(outcome === "made" ? engine.runtime.attach(row.id) : undefined));
  });
  return { made, forget };
}

/** Lines of the log up to now: what comes later comes by the streams. */
async function* logBefore(engine: Parts, row: ContainerRow, options: AttachOptions): AsyncGenerator<OutputChunk> {
  const lines = readContainerLog(engine, row, { stdout: options.stdout === true, stderr: options.stderr === true, until: BigInt(engine.clock.nowNano()) });
  for await (const { stream, text } of lines) yield { stream: stream === "stdout" ? 1 : 2, bytes: text };
}
