// What this kernel and its cgroups can do, as far as requests depend on it. Read when asked.
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

export interface KernelFacts {
  readonly cpuCount: number;
  /** As the kernel writes them: "0-3,6" */
  readonly onlineCpus: string;
  readonly onlineNodes: string;
  readonly cgroupVersion: 1 | 2;
  /** Whether a controller's file is there, e.g. ("blkio", "blkio.weight") for version 1, ("io", "io.weight") for 2. */
  hasControl(controller: string, file: string): boolean;
}

export function kernelFacts(cgroupVersion: 1 | 2): KernelFacts {
  return {
    get cpuCount() {
      return cpus().length;
    },
    get onlineCpus() {
      return read("/sys/devices/system/cpu/online", `0-${cpus().length - 1}`);
    },
    get onlineNodes() {
      return read("/sys/devices/system/node/online", "0");
    },
    cgroupVersion,
    hasControl: (controller, file) => (cgroupVersion === 1 ? existsSync(`/sys/fs/cgroup/${controller}/${file}`) : read("/sys/fs/cgroup/cgroup.controllers", "").split(" ").includes(controller)),
  };
}

function read(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    // not every kernel shows it
    return otherwise;
  }
}
