// Named places where a crash or a failure can be called up from outside, for tests: BERTH_FAILPOINT=NAME:ACTION, or
// BERTH_FAILPOINT=@FILE with that in the file, which may change while the daemon runs.
import { readFileSync } from "node:fs";
import { internal } from "./errors.ts";

/** Every place: of a container's life in the order in which it passes them, then of networks, images and the collector. */
export const FAILPOINTS = [
  "create:after-layer",
  "create:after-volumes",
  "create:after-row",
  "create:after-fill",
  "start:after-mark",
  "start:after-network",
  "start:after-task",
  "start:after-process",
  "start:after-row",
  "exit:before-row",
  "exit:after-row",
  "exit:after-cleanup",
  "exit:after-die",
  "stop:after-signal",
  "restart:after-stop",
  "rm:after-kill",
  "rm:after-row",
  "rm:after-layer",
  "rm:after-volumes",
  "exec:after-create",
  "exec:after-process",
  "network:after-row",
  "network:after-bridge",
  "network:after-row-gone",
  "image:after-unpack",
  "image:after-layer",
  "image:after-row",
  "collect:after-rows",
  "collect:after-file",
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/**
 * Does nothing unless the environment names this place. Actions: `kill` ends the daemon as a power cut would, `error`
 * throws, `pause` stops the daemon until it is sent SIGCONT.
 */
export function failpoint(name: Failpoint): void {
  const given = process.env["BERTH_FAILPOINT"];
  if (given === undefined) return;
  const wanted = given.startsWith("@") ? textOf(given.slice(1)) : given;
  if (!wanted.startsWith(`${name}:`)) return;
  const action = wanted.slice(name.length + 1);
  if (action === "kill") process.kill(process.pid, "SIGKILL");
  else if (action === "pause") process.kill(process.pid, "SIGSTOP");
  else if (action === "error") throw internal(`failpoint ${name}`);
  else throw internal(`BERTH_FAILPOINT: unknown action ${JSON.stringify(action)}`);
}

/** No file: nothing is wanted now. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
