// New limits of a running container, as the OCI spec writes them.
import { MAX_PROCESSES } from "../linux/cgroup.ts";
import type { SpecResources } from "./oci-spec.ts";
import type { Resources } from "./runtime.ts";

export function resourcesOf(resources: Resources): Partial<SpecResources> {
  const memory = defined({ limit: resources.memory, swap: resources.memorySwap, reservation: resources.memoryReservation });
  const cpu = defined({ shares: resources.cpuShares, period: resources.cpuPeriod, quota: resources.cpuQuota, cpus: resources.cpusetCpus, mems: resources.cpusetMems });
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(resources.pidsLimit === undefined ? {} : { pids: { limit: resources.pidsLimit > 0 ? resources.pidsLimit : MAX_PROCESSES } }),
    ...(resources.blkioWeight === undefined ? {} : { blockIO: { weight: resources.blkioWeight } }),
  };
}

/** Without what is undefined; undefined if nothing is left. */
function defined<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> });
}
