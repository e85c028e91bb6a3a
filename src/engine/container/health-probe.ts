// One run of a health check inside its container.
import { setTimeout as sleep } from "node:timers/promises";
import { notFound } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import { SIGKILL } from "./signals.ts";
import { execInput } from "./exec-input.ts";
import { newExecId } from "./exec.ts";
import { emitContainerEvent } from "./container-event.ts";
import type { HealthPlan, ProbeOutput } from "./health-state.ts";

/** How long a probe that was killed may take to end. */
const KILL_WAIT_MS = 5000;

/** Its exit code, or "timeout" after it was killed for taking too long. What it writes goes to `output`. */
export async function runProbe(engine: Engine, containerId: string, plan: HealthPlan, output: ProbeOutput, signal: AbortSignal): Promise<number | "timeout"> {
  const row = engine.store.view((tx) => tx.containers.find(containerId));
  if (row === undefined) throw notFound(`No such container: ${containerId}`);
  const execId = newExecId();
  const more = { execID: execId };
  const command = plan.command.join(" ");
  emitContainerEvent(engine, row, `exec_create: ${command}`, more);
  emitContainerEvent(engine, row, `exec_start: ${command}`, more);
  const input = await execInput(engine, row, execId, { Cmd: [...plan.command], Tty: false });
  const { streams, exited } = await engine.runtime.exec(containerId, input);
  const reading = (async () => {
    for await (const { bytes } of streams.output) output.add(bytes);
  })().catch(() => undefined);
  const control = new AbortController();
  const stop = (): void => control.abort();
  signal.addEventListener("abort", stop, { once: true });
  const timeout = sleep(plan.timeoutMs, "timeout" as const, { signal: control.signal }).catch(() => "timeout" as const);
  const outcome = await Promise.race([exited, timeout]);
  control.abort();
  signal.removeEventListener("abort", stop);
  if (outcome === "timeout") {
    await engine.runtime.kill(containerId, SIGKILL, { execId }).catch(() => undefined);
    await Promise.race([exited.catch(() => undefined), sleep(KILL_WAIT_MS, undefined, { ref: false })]);
  } else {
    await reading;
    emitContainerEvent(engine, row, "exec_die", { ...more, exitCode: String(outcome) });
  }
  streams.close();
  return outcome;
}
