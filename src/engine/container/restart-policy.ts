// Whether and when a container starts again by its policy. Pure.
import type { RestartPolicy } from "../../wire/docker.ts";

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
/** A run of this length counts as a success: the delay begins anew. */
const STEADY_RUN_MS = 10_000;

export interface EndedRun {
  policy: RestartPolicy | undefined;
  exitCode: number;
  /** How often the policy has restarted it since a person did. */
  restartCount: number;
  manuallyStopped: boolean;
  ranMs: number;
  /** The delay before this run; undefined for the first. */
  lastDelayMs?: number;
}

/** Undefined: it stays as it is. */
export function restartDelayMs(run: EndedRun): number | undefined {
  return wantsRestart(run) ? nextDelayMs(run) : undefined;
}

function wantsRestart({ policy, exitCode, restartCount, manuallyStopped }: EndedRun): boolean {
  if (manuallyStopped) return false;
  switch (policy?.Name) {
    case "always":
    case "unless-stopped":
      return true;
    case "on-failure": {
      const max = policy.MaximumRetryCount ?? 0;
      return exitCode !== 0 && (max === 0 || restartCount < max);
    }
    default:
      return false;
  }
}

function nextDelayMs({ ranMs, lastDelayMs }: EndedRun): number {
  if (lastDelayMs === undefined || ranMs >= STEADY_RUN_MS) return FIRST_DELAY_MS;
  return Math.min(lastDelayMs * 2, MAX_DELAY_MS);
}

/** After a start of the daemon, of a container that doesn't run: `always` also means those a person had stopped. */
export function startsWithDaemon(row: { hostConfig: { RestartPolicy?: RestartPolicy }; state: { ExitCode: number }; restartCount: number; manuallyStopped: boolean; hasBeenStarted: boolean }): boolean {
  if (!row.hasBeenStarted) return false;
  const policy = row.hostConfig.RestartPolicy;
  if (policy?.Name === "always") return true;
  return wantsRestart({ policy, exitCode: row.state.ExitCode, restartCount: row.restartCount, manuallyStopped: row.manuallyStopped, ranMs: 0 });
}
