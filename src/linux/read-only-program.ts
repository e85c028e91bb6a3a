// A program bound read-only to a place of our own. OCI runtimes copy or bind themselves and execute once more at every
// call, so that no container can write to the host's program (CVE-2019-5736); found on a read-only mount, they need not.
import { closeSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type FileCalls, MNT_DETACH } from "./file-calls.ts";

const MS_RDONLY = 1n;
const MS_REMOUNT = 32n;
const MS_BIND = 4096n;

/** Set for a runtime, it lets it believe its own look at where it is. */
export const READ_ONLY_ENVIRONMENT = { _LIBCONTAINER_CLONED_BINARY: "1" };

/** Makes `place` the same program on a read-only mount. One that is there already, as of an earlier daemon, stays. */
export function bindReadOnly(calls: FileCalls, program: string, place: string): void {
  mkdirSync(dirname(place), { recursive: true, mode: 0o711 });
  if (isSameFile(place, program)) return;
  releaseReadOnly(calls, place);
  closeSync(openSync(place, "w", 0o600));
  calls.mount(program, place, "", MS_BIND, "");
  try {
    calls.mount("", place, "", MS_BIND | MS_REMOUNT | MS_RDONLY, "");
  } catch (error) {
    releaseReadOnly(calls, place);
    throw error;
  }
}

export function releaseReadOnly(calls: FileCalls, place: string): void {
  while (calls.unmount(place, MNT_DETACH));
  rmSync(place, { force: true });
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
