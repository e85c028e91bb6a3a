// Which OCI runtimes this host has, and which of them work on it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { invalid } from "../base/errors.ts";
import { runTool } from "../linux/run-tool.ts";
import type { RuntimeOptions } from "./runtime.ts";

export interface FoundRuntime {
  path: string;
  version: string;
}

const PLACES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

export function findProgram(name: string): string | undefined {
  if (name.startsWith("/")) return existsSync(name) ? name : undefined;
  const places = [...(process.env.PATH ?? "").split(":").filter((place) => place !== ""), ...PLACES];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

export async function findRuntimes(options: Pick<RuntimeOptions, "extraRuntimes" | "defaultRuntime">): Promise<{ runtimes: Record<string, FoundRuntime>; defaultName: string }> {
  const wanted: [string, string][] = [["crun", "crun"], ["runc", "runc"], ...Object.entries(options.extraRuntimes ?? {}).map(([name, { path }]): [string, string] => [name, path])];
  const found = await Promise.all(wanted.map(async ([name, program]) => [name, await tryRuntime(program)] as const));
  const runtimes = Object.fromEntries(found.flatMap(([name, runtime]) => (runtime === undefined ? [] : [[name, runtime]])));
  const wished = options.defaultRuntime;
  if (wished !== undefined && runtimes[wished] === undefined) throw invalid(`specified default runtime '${wished}' does not exist`);
  return { runtimes, defaultName: wished ?? (runtimes["crun"] !== undefined && crunWorks() ? "crun" : "runc") };
}

async function tryRuntime(program: string): Promise<FoundRuntime | undefined> {
  const path = findProgram(program);
  if (path === undefined) return undefined;
  const { stdout, exitCode } = await runTool([path, "--version"]).catch(() => ({ stdout: "", exitCode: 1 }));
  // one of another machine's kind, or with a library missing, is as good as none
  return exitCode === 0 ? { path, version: /version ([^\s]+)/.exec(stdout)?.[1] ?? "" } : undefined;
}

/**
 * crun refuses hosts with both cgroup versions mounted while a controller is left on the side of version 2 (it says
 * `cannot use cgroup v2 in hybrid mode`-like words only when a container is made, so it is seen from the layout here).
 */
function crunWorks(): boolean {
  const mixed = "/sys/fs/cgroup/unified/cgroup.controllers";
  if (!existsSync(mixed)) return true;
  return readFileSync(mixed, "utf8").trim() === "";
}
