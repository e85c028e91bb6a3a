// A small process beside the engine that keeps containers' pipes open for reading: should the engine be killed and the
// container end meanwhile, what is in the pipe stays there for the next engine. A shell does it, in one process for all.
import { spawn } from "node:child_process";
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FileCalls } from "./file-calls.ts";
import { makeFifo } from "./fifo.ts";

export interface FifoHolder {
  /** Keeps the pipes open until `drop`; they may have no writer. */
  hold(name: string, paths: readonly string[]): void;
  drop(name: string): void;
  /** Ends the process if it holds nothing for anyone (`idle`); else it stays for the next engine. */
  close(idle: boolean): void;
}

const BASH = "/bin/bash";
/** Commands have one length, since a shell reads what ends with a newline byte by byte; whole ones do not mix in the pipe (PIPE_BUF). */
const COMMAND_BYTES = 1024;
// opening for reading alone would wait for a writer, so it is opened for both first; what stays open must not count as a writer
const SCRIPT = `
LC_ALL=C
exec 9<>"$1"
while IFS= read -r -N ${COMMAND_BYTES} -u 9 line; do
  read -r op name paths <<<"$line"
  case $op in
    hold) fds=
      for path in $paths; do { exec {both}<>"$path" && exec {fd}<"$path" && exec {both}>&-; } 2>/dev/null && fds="$fds $fd"; done
      declare "h_$name=$fds" ;;
    drop) v=h_$name; for fd in \${!v}; do exec {fd}<&-; done; unset "$v" ;;
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
    // too long, or with a space in it: it goes without, as where there is no shell
    if (to !== undefined && Buffer.byteLength(line) < COMMAND_BYTES) writeSync(to, padded(line));
  };
  return {
    hold: (name, paths) => say(`hold ${name} ${paths.join(" ")}`),
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
  const child = spawn("nice", ["-n", "5", BASH, "--norc", "--noprofile", "-c", SCRIPT, "berth-pipes", commands], { stdio: "ignore", detached: true, cwd: "/", env: { PATH: "/usr/bin:/bin" } });
  child.on("error", () => undefined);
  child.unref();
  writeFileSync(pidFile, String(child.pid ?? 0));
}

function padded(line: string): Buffer {
  const bytes = Buffer.alloc(COMMAND_BYTES, " ");
  bytes.write(line);
  return bytes;
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
