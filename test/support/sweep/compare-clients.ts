// One command line, given to Docker's client and to berth's: what each said, and where they differ.
// A line is shell text in which `docker` is the client, so that one line may prepare, do and clean up.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runClient, type ClientResult } from "../docker-cli.ts";
import { normalise } from "./normalise.ts";

export interface Difference {
  line: string;
  docker: ClientResult;
  berth: ClientResult;
}

export interface Clients {
  /** Of the daemon both talk to. */
  host: string;
  /** PATHs on which `docker` is Docker's client, of several versions where there are: berth says what one of them says. */
  dockerPaths: readonly string[];
  /** The PATH on which `docker` is berth. */
  berthPath: string;
  /** Neither reads the user's own ~/.docker. */
  configDirectory: string;
  cwd: string;
}

const TIMEOUT_SECONDS = 30;

/** What berth says, and how it differs from what every Docker client says; no difference where one says the same. */
export async function compareLine(clients: Clients, line: string): Promise<{ berth: ClientResult; difference?: Difference }> {
  let first: ClientResult | undefined;
  const berth = await say(clients, clients.berthPath, line);
  for (const path of clients.dockerPaths) {
    const docker = await say(clients, path, line);
    if (isSame(docker, berth)) return { berth };
    first ??= docker;
  }
  return first === undefined ? { berth } : { berth, difference: { line, docker: first, berth } };
}

export function isSame(a: ClientResult, b: ClientResult): boolean {
  return a.exitCode === b.exitCode && a.stdout === b.stdout && a.stderr === b.stderr;
}

export async function say(clients: Clients, path: string, line: string): Promise<ClientResult> {
  const env: Record<string, string> = { PATH: path, DOCKER_HOST: clients.host, DOCKER_CONFIG: clients.configDirectory, DOCKER_CLI_HINTS: "false", TZ: "UTC", LC_ALL: "C.UTF-8", HOME: clients.cwd };
  const result = await runClient(["timeout", "-s", "KILL", String(TIMEOUT_SECONDS), "sh", "-c"], [line], { env, cwd: clients.cwd, deadlineMs: 60_000 });
  return { exitCode: result.exitCode, stdout: normalise(line, result.stdout), stderr: normalise(line, result.stderr) };
}

/** A PATH on which `docker` (or `name`) is this program; made in `directory`. */
export function pathOf(directory: string, program: readonly string[], name = "docker"): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), `#!/bin/sh\nexec ${program.map((word) => `'${word}'`).join(" ")} "$@"\n`, { mode: 0o755 });
  return `${directory}:${process.env["PATH"] ?? ""}`;
}

/** As a person reads it. */
export function describeDifference({ line, docker, berth }: Difference): string {
  const parts = [`$ ${line}`];
  if (docker.exitCode !== berth.exitCode) parts.push(`  exit: docker ${docker.exitCode}, berth ${berth.exitCode}`);
  for (const stream of ["stdout", "stderr"] as const) {
    if (docker[stream] === berth[stream]) continue;
    const [theirs, ours] = [docker[stream].split("\n"), berth[stream].split("\n")];
    parts.push(`  ${stream}:`);
    for (let index = 0; index < Math.max(theirs.length, ours.length); index++) {
      if (theirs[index] === ours[index]) continue;
      if (theirs[index] !== undefined) parts.push(`    docker|${theirs[index]}`);
      if (ours[index] !== undefined) parts.push(`    berth |${ours[index]}`);
    }
  }
  return parts.join("\n");
}
