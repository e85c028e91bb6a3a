// Runs `docker` or `berth` as a person would: arguments, environment, stdin; captures what comes back.
import { spawn, spawnSync } from "node:child_process";

export interface ClientResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface ClientOptions {
  env?: Readonly<Record<string, string>>;
  stdin?: string | Uint8Array;
  cwd?: string;
  deadlineMs?: number;
}

export function hasDockerClient(): boolean {
  return spawnSync("docker", ["--version"]).status === 0;
}

/** `command` is the program with its first arguments, as berthCommand() gives it. */
export function runClient(command: readonly string[], args: readonly string[], options: ClientOptions = {}): Promise<ClientResult> {
  const [program = "", ...first] = command;
  const child = spawn(program, [...first, ...args], { cwd: options.cwd, env: { ...process.env, ...options.env }, timeout: options.deadlineMs ?? 120_000, killSignal: "SIGKILL" });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? 128, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
  });
}
