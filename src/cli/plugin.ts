// Docker's CLI plugins (compose, buildx): an unknown command is looked for as `docker-NAME` in the plugin directories.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { ConfigFile } from "./config-file.ts";
import type { Cli, GlobalOptions } from "./context.ts";

const SYSTEM_DIRECTORIES = ["/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins"];

/** Runs the plugin and resolves to its exit code; undefined if there is none. */
export async function runPlugin(name: string, rest: readonly string[], global: GlobalOptions, env: Cli["env"]): Promise<number | undefined> {
  if (!/^[a-z][a-z0-9]*$/.test(name)) return undefined;
  const path = findPlugin(name, global.configDirectory);
  if (path === undefined) return undefined;
  const host = global.host ?? env["BERTH_HOST"];
  const child = spawn(path, [name, ...rest], {
    stdio: "inherit",
    env: { ...env, ...(host ? { DOCKER_HOST: host } : {}), ...(global.context ? { DOCKER_CONTEXT: global.context } : {}), DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: process.argv[0] },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}

function findPlugin(name: string, configDirectory: string): string | undefined {
  const extra = ConfigFile.read(configDirectory, () => undefined).list("cliPluginsExtraDirs");
  return [...extra, join(configDirectory, "cli-plugins"), ...SYSTEM_DIRECTORIES].map((directory) => join(directory, `docker-${name}`)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
