// A health check's settings with their defaults, and how a probe's result changes the state. Pure.
import type { HealthLogEntry, HealthState } from "../../wire/docker.ts";
import type { HealthcheckConfig } from "../../wire/oci.ts";
import { writeGoDuration } from "../../wire/time.ts";

export interface HealthPlan {
  command: readonly string[];
  intervalMs: number;
  timeoutMs: number;
  startPeriodMs: number;
  startIntervalMs: number;
  retries: number;
}

const KEPT_RESULTS = 5;
const MAX_OUTPUT_BYTES = 4096;
const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** Undefined: there is nothing to check. */
export function healthPlan(check: HealthcheckConfig | null | undefined, shell: readonly string[] | null | undefined): HealthPlan | undefined {
  const [kind, ...rest] = check?.Test ?? [];
  if (kind === undefined || kind === "NONE" || rest.length === 0) return undefined;
  const ms = (value: number | undefined, otherwise: number): number => ((value ?? 0) === 0 ? otherwise : (value ?? 0) / 1e6);
  return {
    command: kind === "CMD-SHELL" ? [...(shell?.length ? shell : DEFAULT_SHELL), ...rest] : rest,
    intervalMs: ms(check?.Interval, 30_000),
    timeoutMs: ms(check?.Timeout, 30_000),
    startPeriodMs: ms(check?.StartPeriod, 0),
    startIntervalMs: ms(check?.StartInterval, 5000),
    retries: (check?.Retries ?? 0) > 0 ? (check?.Retries ?? 0) : 3,
  };
}

/** At a start: what was found in earlier runs stays in the log. */
export function startingHealth(before: HealthState | undefined): HealthState {
  return { Status: "starting", FailingStreak: 0, Log: before?.Log ?? [] };
}

export function afterProbe(health: HealthState, result: HealthLogEntry, plan: HealthPlan, sinceStartMs: number): HealthState {
  const log = [...health.Log, result].slice(-KEPT_RESULTS);
  if (result.ExitCode === 0) return { Status: "healthy", FailingStreak: 0, Log: log };
  // while it starts and has never been well, failures don't count
  if (health.Status === "starting" && sinceStartMs < plan.startPeriodMs) return { ...health, Log: log };
  const streak = health.FailingStreak + 1;
  return { Status: streak >= plan.retries ? "unhealthy" : health.Status, FailingStreak: streak, Log: log };
}

/** Until the next probe. */
export function probeDelayMs(health: HealthState, plan: HealthPlan, sinceStartMs: number): number {
  return health.Status === "starting" && sinceStartMs < plan.startPeriodMs ? plan.startIntervalMs : plan.intervalMs;
}

export function timeoutOutput(plan: HealthPlan, output: string): string {
  const text = `Health check exceeded timeout (${writeGoDuration(Math.round(plan.timeoutMs * 1e6))})`;
  return output === "" ? text : `${text}: ${output}`;
}

/** What a probe wrote, cut after 4 KiB. */
export class ProbeOutput {
  private readonly parts: Uint8Array[] = [];
  private sizeBytes = 0;
  private isCut = false;

  add(bytes: Uint8Array): void {
    const room = MAX_OUTPUT_BYTES - this.sizeBytes;
    if (bytes.length > room) this.isCut = true;
    if (room <= 0) return;
    // the bytes may be in a buffer that is used again
    const part = bytes.slice(0, room);
    this.parts.push(part);
    this.sizeBytes += part.length;
  }

  text(): string {
    return Buffer.concat(this.parts).toString("utf8") + (this.isCut ? "..." : "");
  }
}
