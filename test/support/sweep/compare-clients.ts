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
  /** The PATH on which `docker` is berth. */
  berthPath: string;
  /** Neither reads the user's own ~/.docker. */
  configDirectory: string;
  cwd: string;
}

const TIMEOUT_SECONDS = 30;

export async function compareLine(clients: Clients, line: string): Promise<Difference | undefined> {
  const docker = await say(clients, process.env["PATH"] ?? "", line);
  const berth = await say(clients, clients.berthPath, line);
  const same = docker.exitCode === berth.exitCode && docker.stdout === berth.stdout && docker.stderr === berth.stderr;
  return same ? undefined : { line, docker, berth };
}

async function say(clients: Clients, path: string, line: string): Promise<ClientResult> {
  const env: Record<string, string> = { PATH: path, DOCKER_HOST: clients.host, DOCKER_CONFIG: clients.configDirectory, DOCKER_CLI_HINTS: "false", TZ: "UTC", LC_ALL: "C.UTF-8", HOME: clients.cwd };
  const result = await runClient(["timeout", "-k", "1", String(TIMEOUT_SECONDS), "sh", "-c"], [line], { env, cwd: clients.cwd, deadlineMs: 60_000 });
  return { exitCode: result.exitCode, stdout: normalise(result.stdout), stderr: normalise(result.stderr) };
}

/** A PATH on which `docker` is berth; made in `directory`. */
export function pathOfBerth(directory: string, berth: readonly string[]): string {
  mkdirSync(directory);
  writeFileSync(join(directory, "docker"), `#!/bin/sh\nexec ${berth.map((word) => `'${word}'`).join(" ")} "$@"\n`, { mode: 0o755 });
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
