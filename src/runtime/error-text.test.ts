import { expect, test } from "bun:test";
import { isCgroupParentGone } from "./error-text.ts";

test("a cgroup's parent that has gone is told from limits that cannot be set", () => {
  const failed = (text: string): boolean => isCgroupParentGone(new Error(`OCI runtime create failed: runc create failed: unable to start container process: ${text}`));
  expect([
    "error during container init: creating cgroup directory `/sys/fs/cgroup/pids/docker/c1`: No such file or directory",
    "open `/sys/fs/cgroup/cpuset/docker`: No such file or directory",
    "write `cpuset.cpus`: No such device",
    'unable to apply cgroup configuration: failed to write "0\\n": write /sys/fs/cgroup/cpuset/docker/cpuset.mems: no such device',
    "unable to apply cgroup configuration: openat2 /sys/fs/cgroup/cpuset/docker/cpuset.cpus: no such file or directory",
  ].map(failed)).toEqual([true, true, true, true, true]);
  expect([
    "writing file `/sys/fs/cgroup/memory/docker/c1/memory.swappiness`: No such file or directory",
    "unable to apply cgroup configuration: mkdir /sys/fs/cgroup/pids/docker: permission denied",
    'exec: "nosuch": executable file not found in $PATH',
  ].map(failed)).toEqual([false, false, false]);
});
