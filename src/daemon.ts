// Composition root: builds the parts, hands them to the engine, recovers what was there, opens the sockets; takes all of it
// down in reverse. Containers go on.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { openApiServer } from "./api/server.ts";
import { conflict, messageOf } from "./base/errors.ts";
import { createKeyedLock } from "./base/lock.ts";
import { createLog, type Log } from "./base/log.ts";
import { BERTH_VERSION, type Config } from "./config.ts";
import { loadConfig } from "./config-load.ts";
import { systemClock } from "./engine/clock.ts";
import { createExecTable } from "./engine/container/exec-table.ts";
import { createSupervisor } from "./engine/container/supervise.ts";
import type { Engine } from "./engine/engine.ts";
import { createEvents } from "./engine/events.ts";
import { ensurePredefinedNetworks, recoverNetworks } from "./engine/network/predefined.ts";
import { recoverVolumes } from "./engine/volume/recover.ts";
import { openNetwork } from "./network/open.ts";
import { openRegistry } from "./registry/open.ts";
import { openRuntime } from "./runtime/open.ts";
import { openStore } from "./store/open.ts";

/** Runs until a signal ends it; resolves to the exit code. */
export async function runDaemon(args: readonly string[]): Promise<number> {
  let config: Config;
  try {
    config = loadConfig(args, workerCommand());
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
  const log = createLog(config.debug ? "debug" : "info", (line) => void process.stderr.write(line));
  const ending = signals(log);
  try {
    await using parts = new AsyncDisposableStack();
    claimPidFile(config, parts);
    const engine = await startEngine(config, log, parts);
    const server = await openApiServer(engine, { hosts: config.hosts, group: config.group });
    parts.defer(() => server.close());
    log.info("ready", { version: BERTH_VERSION, runtime: engine.runtime.defaultName });
    log.info("ending", { signal: await ending });
    return 0;
  } catch (error) {
    log.error("cannot go on", { error: messageOf(error) });
    process.stderr.write(`failed to start daemon: ${messageOf(error)}\n`);
    return 1;
  }
}

/** Every part, in the order in which one may use the other; `parts` takes them down in reverse. */
async function startEngine(config: Config, log: Log, parts: AsyncDisposableStack): Promise<Engine> {
  const clock = systemClock();
  const store = await openStore({ root: config.root, runRoot: config.runRoot, workerCommand: config.workerCommand }, log.child("store"));
  parts.defer(() => store.close());
  const network = openNetwork({ runRoot: config.runRoot, bridge: config.bridge, workerCommand: config.workerCommand }, log.child("network"));
  parts.defer(() => network.close());
  const runtime = await openRuntime(
    { runRoot: config.runRoot, containersPerShim: config.containersPerShim, ...(config.defaultRuntime === undefined ? {} : { defaultRuntime: config.defaultRuntime }) },
    log.child("runtime"),
  );
  parts.defer(() => runtime.close());
  const registry = openRegistry(
    {
      mirrors: config.registryMirrors,
      insecureRegistries: config.insecureRegistries,
      certDirectories: config.certDirectories,
      environment: { ...process.env, HTTP_PROXY: config.httpProxy, HTTPS_PROXY: config.httpsProxy, NO_PROXY: config.noProxy },
      userAgent: `berth/${BERTH_VERSION}`,
      maxAttempts: config.maxDownloadAttempts,
      maxConcurrentDownloads: config.maxConcurrentDownloads,
      maxConcurrentUploads: config.maxConcurrentUploads,
    },
    log.child("registry"),
  );
  parts.defer(() => registry.close());
  const events = createEvents(store, clock);
  const base = { config, log, clock, store, network, runtime, registry, events, containerLocks: createKeyedLock(), execs: createExecTable() };
  const supervisor = createSupervisor(base);
  parts.defer(() => supervisor.close());
  const engine: Engine = { ...base, supervisor };
  await ensurePredefinedNetworks(engine);
  await recoverNetworks(engine);
  await recoverVolumes(engine);
  await supervisor.recover();
  return engine;
}

/** Resolves with the first signal that asks for the end; a third one ends at once. */
function signals(log: Log): Promise<string> {
  let count = 0;
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (++count >= 3) process.exit(1);
        resolve(signal);
      });
    }
    process.on("SIGHUP", () => log.info("nothing to reload: settings are read at the start"));
    // a client that goes away in the middle is no reason to end
    process.on("SIGPIPE", () => undefined);
    process.on("uncaughtException", (error) => log.error("bug: uncaught exception", { error }));
    process.on("unhandledRejection", (error) => log.error("bug: unhandled rejection", { error }));
  });
}

function claimPidFile({ pidFile }: Config, parts: AsyncDisposableStack): void {
  if (pidFile === undefined) return;
  const other = Number(readOr(pidFile));
  if (other > 0 && other !== process.pid && readOr(`/proc/${other}/cmdline`).includes("daemon")) {
    throw conflict(`process with PID ${other} is still running: ${pidFile}`);
  }
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, String(process.pid));
  parts.defer(() => rmSync(pidFile, { force: true }));
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** How this very program is started for a worker: the executable itself, or the runtime with the source's entry. */
function workerCommand(): string[] {
  const [program = process.execPath, entry = ""] = process.argv;
  const isCompiled = entry.startsWith("/$bunfs/");
  return isCompiled ? [process.execPath, "worker"] : [program, entry, "worker"];
}
