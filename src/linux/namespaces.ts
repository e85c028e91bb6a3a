// Network namespaces kept by files under /run/netns, as `ip netns` does; and work done inside one.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { internal } from "../base/errors.ts";
import { errnoText } from "../base/system-error.ts";
import { cPath, type SocketCalls } from "./socket-calls.ts";

const CLONE_NEWNET = 0x40000000;
const MS_BIND = 4096n;
const MS_REC = 16384n;
const MS_SHARED = 1n << 20n;
const MNT_DETACH = 2;
const THIS_THREAD = "/proc/thread-self/ns/net";

export const NETNS_DIRECTORY = "/run/netns";

export interface Namespaces {
  /** Makes an empty namespace under this name; returns its path. */
  create(name: string): string;
  /** Idempotent. The kernel takes its interfaces away once its last process and socket are gone. */
  remove(name: string): void;
  /** Names that begin with `prefix`. */
  list(prefix: string): string[];
  /** Runs `work` with this thread inside the namespace. Must be synchronous and start no threads. */
  within<T>(path: string, work: () => T): T;
}

export function openNamespaces(calls: SocketCalls): Namespaces {
  const fail = (what: string): never => {
    throw internal(`${what}: ${errnoText(calls.errno())}`);
  };
  const enter = (fd: number): void => {
    if (calls.setns(fd, CLONE_NEWNET) !== 0) fail("setns");
  };
  /** Whatever happens inside, the thread comes back; if it cannot, going on would run the daemon in a container's network. */
  const comingBack = <T>(work: () => T): T => {
    const home = openSync(THIS_THREAD, "r");
    try {
      return work();
    } finally {
      if (calls.setns(home, CLONE_NEWNET) !== 0) process.abort();
      closeSync(home);
    }
  };
  const share = (): void => {
    const directory = cPath(NETNS_DIRECTORY);
    const nothing = cPath("none");
    if (calls.mount(nothing, directory, nothing, MS_SHARED | MS_REC) === 0) return;
    // not a mount point yet: make it one, so that unmounting reaches copies of it in other mount namespaces
    if (calls.mount(directory, directory, nothing, MS_BIND | MS_REC) !== 0) fail(`bind ${NETNS_DIRECTORY}`);
    if (calls.mount(nothing, directory, nothing, MS_SHARED | MS_REC) !== 0) fail(`share ${NETNS_DIRECTORY}`);
  };
  let shared = false;
  const remove = (name: string): void => {
    const path = `${NETNS_DIRECTORY}/${name}`;
    // several mounts may lie on each other after a crash
    while (calls.umount2(cPath(path), MNT_DETACH) === 0);
    rmSync(path, { force: true });
  };

  return {
    create(name) {
      mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 });
      if (!shared) share();
      shared = true;
      const path = `${NETNS_DIRECTORY}/${name}`;
      remove(name);
      writeFileSync(path, "", { flag: "wx", mode: 0o444 });
      try {
        comingBack(() => {
          if (calls.unshare(CLONE_NEWNET) !== 0) fail("unshare network namespace");
          if (calls.mount(cPath(THIS_THREAD), cPath(path), cPath("none"), MS_BIND) !== 0) fail(`bind ${path}`);
        });
      } catch (error) {
        unlinkSync(path);
        throw error;
      }
      return path;
    },
    remove,
    list(prefix) {
      try {
        return readdirSync(NETNS_DIRECTORY).filter((name) => name.startsWith(prefix));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
    },
    within(path, work) {
      const fd = openSync(path, "r");
      try {
        return comingBack(() => {
          enter(fd);
          return work();
        });
      } finally {
        closeSync(fd);
      }
    },
  };
}
