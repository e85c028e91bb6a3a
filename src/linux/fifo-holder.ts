// A small process beside the engine that keeps containers' pipes open for reading: should the engine be killed and the
// container end meanwhile, what is in the pipe stays there for the next engine. A shell does it, in one process for all.
import { spawn } from "node:child_process";
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FileCalls } from "./file-calls.ts";
import { makeFifo } from "./fifo.ts";

export interface FifoHolder {
  /** Keeps the pipe open until `drop`; it may have no writer. */
  hold(name: string, path: string): void;
  drop(name: string): void;
  /** Ends the process if it holds nothing for anyone (`idle`); else it stays for the next engine. */
  close(idle: boolean): void;
}

const BASH = "/bin/bash";
// opening for reading alone would wait for a writer, so it is opened for both first; what stays open must not count as a writer
const SCRIPT = `
exec 9<>"$1"
while read -r -u 9 op name path; do
  case $op in
    hold) { exec {both}<>"$path" && exec {fd}<"$path" && exec {both}>&-; } 2>/dev/null && declare "h_$name=$fd" ;;
    drop) v=h_$name; fd=\${!v}; if [ -n "$fd" ]; then exec {fd}<&-; unset "$v"; fi ;;
    quit) exit ;;
  esac
done`;

export function openFifoHolder(calls: FileCalls, directory: string): FifoHolder {
  const commands = join(directory, "commands");
  const pidFile = join(directory, "pid");
  let fd: number | undefined;
  const begin = (): number | undefined => {
    if (fd !== undefined) return fd;
    if (!existsSync(BASH)) return undefined;
    if (!isAlive(pidFile, commands)) start(calls, { directory, commands, pidFile });
    fd = openSync(commands, constants.O_RDWR | constants.O_NONBLOCK);
    return fd;
  };
  const say = (line: string): void => {
    const to = begin();
    if (to !== undefined) writeSync(to, `${line}\n`);
  };
  return {
    hold: (name, path) => say(`hold ${name} ${path}`),
    drop: (name) => say(`drop ${name}`),
    close(idle) {
      if (fd === undefined && !(idle && isAlive(pidFile, commands))) return;
      if (idle) {
        say("quit");
        rmSync(pidFile, { force: true });
      }
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function start(calls: FileCalls, { directory, commands, pidFile }: { directory: string; commands: string; pidFile: string }): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  makeFifo(calls, commands);
  const child = spawn(BASH, ["--norc", "--noprofile", "-c", SCRIPT, "berth-pipes", commands], { stdio: "ignore", detached: true, cwd: "/", env: { PATH: "/usr/bin:/bin" } });
  child.on("error", () => undefined);
  child.unref();
  writeFileSync(pidFile, String(child.pid ?? 0));
}

function isAlive(pidFile: string, commands: string): boolean {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(commands);
  } catch {
    // no such file or process: it is not there
    return false;
  }
}
