// Health checks of running containers: one loop each, its findings in the container's row.
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../base/errors.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { HealthLogEntry } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { addContainerEvent } from "./container-event.ts";
import { afterProbe, type HealthPlan, healthPlan, probeDelayMs, ProbeOutput, startingHealth, timeoutOutput } from "./health-state.ts";
import { runProbe } from "./health-probe.ts";

export class HealthMonitors {
  private readonly running = new Map<string, AbortController>();
  private readonly loops = new Set<Promise<void>>();

  constructor(private readonly engine: Engine) {}

  /** With a fresh state, unless the container was running all the time. */
  start(containerId: string, options: { keepState: boolean }): void {
    const row = this.find(containerId);
    const plan = row === undefined ? undefined : healthPlan(row.config.Healthcheck, row.config.Shell);
    if (row === undefined || plan === undefined || this.running.has(containerId)) return;
    if (!options.keepState || row.state.Health === undefined) this.change(containerId, (now) => ({ ...now, state: { ...now.state, Health: startingHealth(now.state.Health) } }));
    const control = new AbortController();
    this.running.set(containerId, control);
    const loop = this.loop(containerId, plan, control.signal).finally(() => this.loops.delete(loop));
    this.loops.add(loop);
  }

  /** What nobody looks at counts as unhealthy, as Docker has it: paused or ended. */
  stop(containerId: string): void {
    const control = this.running.get(containerId);
    if (control === undefined) return;
    control.abort();
    this.running.delete(containerId);
    this.change(containerId, (row) => (row.state.Health === undefined ? row : { ...row, state: { ...row.state, Health: { ...row.state.Health, Status: "unhealthy" } } }));
  }

  async close(): Promise<void> {
    for (const control of this.running.values()) control.abort();
    this.running.clear();
    await Promise.all(this.loops);
  }

  private async loop(containerId: string, plan: HealthPlan, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const row = this.find(containerId);
      if (row?.state.Health === undefined) return;
      try {
        await sleep(probeDelayMs(row.state.Health, plan, this.sinceStartMs(row)), undefined, { signal });
      } catch {
        return; // stopped while it waited
      }
      const result = await this.probe(containerId, plan, signal);
      if (signal.aborted || result === undefined) return;
      this.record(containerId, plan, result);
    }
  }

  private async probe(containerId: string, plan: HealthPlan, signal: AbortSignal): Promise<HealthLogEntry | undefined> {
    const start = this.engine.clock.nowRfc3339();
    const output = new ProbeOutput();
    const end = (exitCode: number, text: string): HealthLogEntry => ({ Start: start, End: this.engine.clock.nowRfc3339(), ExitCode: exitCode, Output: text });
    try {
      const ended = await runProbe(this.engine, containerId, plan, output, signal);
      return ended === "timeout" ? end(-1, timeoutOutput(plan, output.text())) : end(ended, output.text());
    } catch (error) {
      return end(-1, messageOf(error));
    }
  }

  private record(containerId: string, plan: HealthPlan, result: HealthLogEntry): void {
    this.engine.store.update((tx) => {
      const row = tx.containers.find(containerId);
      if (row?.state.Health === undefined || row.state.Status !== "running") return;
      const health = afterProbe(row.state.Health, result, plan, Date.parse(result.Start) - Date.parse(row.state.StartedAt));
      tx.containers.put({ ...row, state: { ...row.state, Health: health } });
      if (health.Status !== row.state.Health.Status) addContainerEvent(this.engine, tx, row, `health_status: ${health.Status}`);
    });
  }

  private sinceStartMs(row: ContainerRow): number {
    return this.engine.clock.nowMs() - Date.parse(row.state.StartedAt);
  }

  private find(containerId: string): ContainerRow | undefined {
    return this.engine.store.view((tx) => tx.containers.find(containerId));
  }

  private change(containerId: string, make: (row: ContainerRow) => ContainerRow): void {
    this.engine.store.update((tx) => {
      const row = tx.containers.find(containerId);
      if (row !== undefined) tx.containers.put(make(row));
    });
  }
}
