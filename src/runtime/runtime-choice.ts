// Which OCI runtimes this host has, and which of them work on it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
  const runtimes: Record<string, FoundRuntime> = {};
  const wanted: [string, string][] = [["crun", "crun"], ["runc", "runc"], ...Object.entries(options.extraRuntimes ?? {}).map(([name, { path }]): [string, string] => [name, path])];
  for (const [name, program] of wanted) {
    const path = findProgram(program);
    if (path === undefined) continue;
    const { stdout } = await runTool([path, "--version"]).catch(() => ({ stdout: "" }));
    runtimes[name] = { path, version: /version ([^\s]+)/.exec(stdout)?.[1] ?? "" };
  }
  return { runtimes, defaultName: options.defaultRuntime ?? (runtimes["crun"] !== undefined && crunWorks() ? "crun" : "runc") };
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
