// Named places where a crash or a failure can be called up from outside, for tests: BERTH_FAILPOINT=NAME:ACTION.
import { internal } from "./errors.ts";

/** Every place, in the order a container's life passes them. */
export const FAILPOINTS = [
  "create:after-layer",
  "create:after-volumes",
  "create:after-row",
  "start:after-mark",
  "start:after-network",
  "start:after-task",
  "start:after-process",
  "start:after-row",
  "exit:before-row",
  "exit:after-row",
  "exit:after-cleanup",
  "exit:after-die",
  "restart:after-stop",
  "rm:after-mark",
  "rm:after-kill",
  "rm:after-volumes",
  "rm:after-layer",
  "rm:after-row",
  "exec:after-create",
  "exec:after-process",
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/**
 * Does nothing unless the environment names this place. Actions: `kill` ends the daemon as a power cut would, `error`
 * throws, `pause` stops the daemon until it is sent SIGCONT.
 */
export function failpoint(name: Failpoint): void {
  const wanted = process.env["BERTH_FAILPOINT"];
  if (wanted === undefined || !wanted.startsWith(`${name}:`)) return;
  const action = wanted.slice(name.length + 1);
  if (action === "kill") process.kill(process.pid, "SIGKILL");
  else if (action === "pause") process.kill(process.pid, "SIGSTOP");
  else if (action === "error") throw internal(`failpoint ${name}`);
  else throw internal(`BERTH_FAILPOINT: unknown action ${JSON.stringify(action)}`);
}
