// Engines that take part in round trips, all asked alike: berth itself, the real Docker, Podman.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { berthCommand, type TestDaemon } from "../../test/support/daemon.ts";
import { readImageTree } from "./read-tree.ts";

export interface TripEngine {
  readonly name: string;
  pull(reference: string): void;
  push(reference: string): void;
  tag(reference: string, other: string): void;
  save(references: readonly string[], file: string, format?: string): void;
  load(file: string): void;
  remove(...references: string[]): void;
  /** sha256:… of the config. */
  id(reference: string): string;
  tree(reference: string): string[];
  /** Formats that `save` knows besides its own. */
  readonly formats: readonly string[];
}

export function run(command: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const [program = "", ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, ...env }, timeout: 300_000, killSignal: "SIGKILL" });
  if (status !== 0) throw new Error(`${command.slice(0, 8).join(" ")}: ${error?.message ?? ""}${stderr.trim().split("\n").slice(-3).join(" | ")}`);
  return stdout;
}

interface Inspected {
  Id: string;
  GraphDriver: { Data: { LowerDir?: string; UpperDir?: string } | null };
}

/** Anything that has Docker's command line. `root` is put before its paths. */
function engine(name: string, command: readonly string[], { root = "", env = {}, insecure = [], formats = [] }: { root?: string; env?: Record<string, string>; insecure?: string[]; formats?: string[] } = {}): TripEngine {
  const ask = (...args: string[]): string => run([...command, ...args], env);
  const inspect = (reference: string): Inspected => {
    const [found] = JSON.parse(ask("image", "inspect", reference)) as Inspected[];
    if (found === undefined) throw new Error(`${name} has no ${reference}`);
    return found;
  };
  return {
    name,
    formats,
    pull: (reference) => void ask("pull", "-q", ...insecure, reference),
    push: (reference) => void ask("push", "-q", ...insecure, reference),
    tag: (reference, other) => void ask("tag", reference, other),
    save: (references, file, format) => void ask("save", ...(format === undefined ? [] : ["--format", format]), "-o", file, ...references),
    load: (file) => void ask("load", "-i", file),
    remove: (...references) => void ask("rmi", "-f", ...references),
    id: (reference) => `sha256:${inspect(reference).Id.replace("sha256:", "")}`,
    tree(reference) {
      const { UpperDir, LowerDir } = inspect(reference).GraphDriver.Data ?? {};
      // an image without layers may still name a directory
      return readImageTree([UpperDir, ...(LowerDir ?? "").split(":")].flatMap((path) => (path === undefined || path === "" || !existsSync(root + path) ? [] : [root + path])));
    },
  };
}

export function berth(name: string, daemon: TestDaemon): TripEngine {
  return engine(name, [...berthCommand(), "-H", daemon.host], { env: { DOCKER_CONFIG: join(daemon.directory, "config") } });
}

const PEERS = process.env["PEERS_ROOT"] ?? "/opt/peers/sid";

/** The real Docker that DOCKER_HOST leads to; its files are below the peers' root. */
export function docker(host: string): TripEngine {
  return engine("docker", ["docker", "-H", host], { root: PEERS, env: { DOCKER_CONFIG: "/nonexistent" } });
}

/** Podman of the peers' root, with a storage of its own below `directory` (which that root sees as well). */
export function podman(enter: string, directory: string): TripEngine {
  const command = [enter, "podman", "--root", `${directory}/podman`, "--runroot", `${directory}/podman-run`, "--tmpdir", `${directory}/podman-tmp`, "--cgroup-manager=cgroupfs"];
  const made = engine("podman", command, { env: { PODMAN_IGNORE_CGROUPSV1_WARNING: "1" }, insecure: ["--tls-verify=false"], formats: ["docker-archive", "oci-archive"] });
  // whatever a layer says of the root itself, it makes that 0555
  return { ...made, tree: (reference) => made.tree(reference).slice(1) };
}

export function enterOfPeers(repository: string): string {
  return join(dirname(repository), "shared/peers/enter");
}
