// Starts a containerd shim: its `start` command forks the shim proper, prints where it listens, and ends.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { READ_ONLY_ENVIRONMENT } from "./read-only-program.ts";

export interface ShimStart {
  shimPath: string;
  namespace: string;
  id: string;
  /** Working directory of the shim: has config.json and the `log` FIFO; gets shim.pid. */
  directory: string;
  /** Where events are sent. */
  eventsSocket: string;
}

const TIMEOUT_MS = 20_000;

/** Path of the socket that it listens on. */
export async function startShimProcess({ shimPath, namespace, id, directory, eventsSocket }: ShimStart): Promise<string> {
  const line = await firstLine(shimPath, ["-namespace", namespace, "-id", id, "-address", eventsSocket, "start"], directory, eventsSocket);
  const socket = addressOf(line);
  const pid = findShim(id);
  writeFileSync(join(directory, "shim.pid"), String(pid));
  forgetOomScore(pid);
  return socket;
}

/** It makes itself likelier to be killed than its parent; crun takes a container's 0 for "as its parent". */
function forgetOomScore(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "0");
  } catch {
    // not allowed, where this program's own score is above 0
  }
}

/** containerd 1.x prints an address, 2.x JSON with one. */
export function addressOf(line: string): string {
  const address = line.startsWith("{") ? ((JSON.parse(line) as { address?: string }).address ?? "") : line;
  return address.trim().replace(/^unix:\/\//, "").replace(/^@/, "\0");
}

/** The forked shim keeps standard output open, so its first line is waited for, not its end. */
function firstLine(program: string, args: readonly string[], cwd: string, eventsSocket: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`, ...READ_ONLY_ENVIRONMENT, TTRPC_ADDRESS: eventsSocket, GOMAXPROCS: "2", GOGC: "40" },
    });
    let out = "";
    let words = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    const done = (error?: Error): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      if (error === undefined) resolve(out.trim());
      else reject(error);
    };
    child.on("error", done);
    child.stdout.on("data", (bytes: Buffer) => {
      out += bytes.toString();
    });
    child.stderr.on("data", (bytes: Buffer) => {
      words = (words + bytes.toString()).slice(-4096);
    });
    child.on("exit", (code) => {
      // what it printed may still be on its way
      const finish = (): void => done(code === 0 && out.trim() !== "" ? undefined : new Error(words.trim() || `exit status ${code}`));
      if (out.trim() !== "" || code !== 0) setImmediate(finish);
      else {
        child.stdout.once("data", () => setImmediate(finish));
        child.stdout.once("end", finish);
      }
    });
  });
}

/** Whatever was started for this id, and has not ended. */
export function killShim(id: string): void {
  for (const { pid } of shimProcesses(id)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it ended while we looked
    }
  }
}

/** The pid of the process that was started with this id. */
function findShim(id: string): number {
  return shimProcesses(id).find(({ args }) => !args.includes("start"))?.pid ?? 0;
}

function shimProcesses(id: string): { pid: number; args: string[] }[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, "latin1").split("\0");
      return args.includes(id) && args.includes("-id") ? [{ pid: Number(name), args }] : [];
    } catch {
      // it ended while we looked
      return [];
    }
  });
}
