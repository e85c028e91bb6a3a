// `container update`.
import { atLeast, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { parseRestartPolicy } from "../../run/restart-policy.ts";
import { segment } from "../../short-id.ts";
import { parseCpus, parseRamBytes } from "../../units.ts";
import { joinFailures } from "../../failure.ts";

export const command: Command = {
  args: atLeast(1),
  completes: "containers",
  flags: `
--blkio-weight uint16  Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
--cpu-period int  Limit CPU CFS (Completely Fair Scheduler) period
--cpu-quota int  Limit CPU CFS (Completely Fair Scheduler) quota
--cpu-rt-period int  Limit the CPU real-time period in microseconds
--cpu-rt-runtime int  Limit the CPU real-time runtime in microseconds
-c, --cpu-shares int  CPU shares (relative weight)
--cpus decimal  Number of CPUs
--cpuset-cpus string  CPUs in which to allow execution (0-3, 0,1)
--cpuset-mems string  MEMs in which to allow execution (0-3, 0,1)
-m, --memory bytes  Memory limit
--memory-reservation bytes  Memory soft limit
--memory-swap bytes  Swap limit equal to memory plus swap: -1 to enable unlimited swap
--pids-limit int  Tune container pids limit (set -1 for unlimited)
--restart string  Restart policy to apply when a container exits
~--kernel-memory bytes  Kernel memory limit (deprecated)
`,
  async run(cli, { args, flags }) {
    if (flags.names().length === 0) throw failure("you must provide one or more flags when using this command");
    const body = updateBody(flags);
    const warnings: string[] = [];
    const errors: unknown[] = [];
    for (const name of args) {
      try {
        const answer = await cli.client().json<{ Warnings?: string[] | null } | undefined>("POST", `/containers/${segment(name)}/update`, { body });
        cli.console.out(`${name}\n`);
        warnings.push(...(answer?.Warnings ?? []));
      } catch (error) {
        errors.push(error);
      }
    }
    if (warnings.length > 0) cli.console.out(`${warnings.join("\n")}\n`);
    joinFailures(errors);
  },
};

export function updateBody(flags: FlagValues): object {
  const size = (name: string) => (flags.has(name) ? parseRamBytes(flags.text(name)) : 0);
  return {
    BlkioWeight: flags.number("blkio-weight"),
    CpuShares: flags.number("cpu-shares"),
    CpuPeriod: flags.number("cpu-period"),
    CpuQuota: flags.number("cpu-quota"),
    CpuRealtimePeriod: flags.number("cpu-rt-period"),
    CpuRealtimeRuntime: flags.number("cpu-rt-runtime"),
    CpusetCpus: flags.text("cpuset-cpus"),
    CpusetMems: flags.text("cpuset-mems"),
    NanoCpus: flags.has("cpus") ? parseCpus(flags.text("cpus")) : 0,
    Memory: size("memory"),
    MemoryReservation: size("memory-reservation"),
    MemorySwap: size("memory-swap"),
    ...(flags.has("pids-limit") ? { PidsLimit: flags.number("pids-limit") } : {}),
    RestartPolicy: flags.has("restart") ? parseRestartPolicy(flags.text("restart")) : {},
  };
}
