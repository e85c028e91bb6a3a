// POST /containers/{id}/update
import { conflict, EngineError, internal, messageOf } from "../../base/errors.ts";
import type { Resources } from "../../runtime/runtime.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { HostConfig } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { checkRestartPolicy } from "./check-modes.ts";
import { checkResources } from "./check-resources.ts";
import { addContainerEvent } from "./container-event.ts";
import { kernelFacts } from "./kernel-facts.ts";
import { currentRow, withContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";

/** Limits that can be changed, in the order in which they are looked at. */
const LIMITS = ["BlkioWeight", "CpuShares", "NanoCpus", "CpuPeriod", "CpuQuota", "CpusetCpus", "CpusetMems", "Memory", "MemorySwap", "MemoryReservation", "CpuRealtimePeriod", "CpuRealtimeRuntime"] as const;

export async function updateContainer(engine: Engine, name: string, body: HostConfig, { actor }: { actor: Actor }): Promise<{ Warnings: string[] | null }> {
  checkRestartPolicy(body);
  const { host: given, warnings } = checkResources(body, kernelFacts(engine.runtime.cgroupVersion), true);
  await withContainer(engine, name, async (row) => {
    assertAllowed("update", row, name);
    const failing = (error: EngineError): EngineError => new EngineError(error.kind, `Cannot update container ${row.id}: ${error.message}`, { ...error.detail }, error);
    const hostConfig = merge(row, given, failing);
    const resources = changedResources(hostConfig, given);
    // a process that ends meanwhile cannot be told anything: no reason to refuse another restart policy
    if (row.state.Pid > 0 && Object.keys(resources).length > 0) {
      await engine.runtime.update(row.id, resources).catch((error: unknown) => {
        throw failing(internal(messageOf(error), {}, error));
      });
    }
    engine.store.update((tx) => {
      const now = currentRow(tx, row.id);
      tx.containers.put({ ...now, hostConfig });
      addContainerEvent(engine, tx, now, "update", {}, actor);
    });
  });
  return { Warnings: warnings.length === 0 ? null : warnings };
}

function merge(row: ContainerRow, given: HostConfig, failing: (error: EngineError) => EngineError): HostConfig {
  const { hostConfig: before } = row;
  const clash = clashOf(before, given);
  if (clash !== undefined) throw failing(conflict(clash));
  const merged: HostConfig = { ...before };
  for (const key of LIMITS) if (given[key] !== undefined && given[key] !== 0 && given[key] !== "") Object.assign(merged, { [key]: given[key] });
  if (given.PidsLimit !== undefined && given.PidsLimit !== null) merged.PidsLimit = Math.max(0, given.PidsLimit);
  const policy = given.RestartPolicy?.Name ?? "";
  if (policy === "") return merged;
  if (before.AutoRemove === true && policy !== "no") throw failing(conflict("Restart policy cannot be updated because AutoRemove is enabled for the container"));
  return { ...merged, RestartPolicy: { Name: policy, MaximumRetryCount: given.RestartPolicy?.MaximumRetryCount ?? 0 } };
}

function clashOf(before: HostConfig, given: HostConfig): string | undefined {
  const has = (value: number | undefined): boolean => (value ?? 0) > 0;
  if (has(given.NanoCpus) && has(before.CpuPeriod)) return "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set";
  if (has(given.NanoCpus) && has(before.CpuQuota)) return "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set";
  if (has(given.CpuPeriod) && has(before.NanoCpus)) return "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set";
  if (has(given.CpuQuota) && has(before.NanoCpus)) return "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set";
  if (has(given.Memory) && (given.Memory ?? 0) > (before.MemorySwap ?? 0) && (given.MemorySwap ?? 0) === 0) {
    return "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time";
  }
  return undefined;
}

/** What the running container has to be told; of several that depend on each other all. */
function changedResources(now: HostConfig, given: HostConfig): Resources {
  const isGiven = (...keys: (keyof HostConfig)[]): boolean => keys.some((key) => given[key] !== undefined && given[key] !== null && given[key] !== 0 && given[key] !== "");
  const resources: Resources = {};
  if (isGiven("CpuShares")) resources.cpuShares = now.CpuShares ?? 0;
  if (isGiven("NanoCpus")) Object.assign(resources, { cpuPeriod: 100_000, cpuQuota: Math.round((now.NanoCpus ?? 0) / 10_000) });
  if (isGiven("CpuPeriod")) resources.cpuPeriod = now.CpuPeriod ?? 0;
  if (isGiven("CpuQuota")) resources.cpuQuota = now.CpuQuota ?? 0;
  if (isGiven("CpusetCpus")) resources.cpusetCpus = now.CpusetCpus ?? "";
  if (isGiven("CpusetMems")) resources.cpusetMems = now.CpusetMems ?? "";
  if (isGiven("Memory", "MemorySwap")) Object.assign(resources, { memory: now.Memory ?? 0, memorySwap: now.MemorySwap ?? 0 });
  if (isGiven("MemoryReservation")) resources.memoryReservation = now.MemoryReservation ?? 0;
  if (isGiven("PidsLimit")) resources.pidsLimit = (now.PidsLimit ?? 0) <= 0 ? -1 : (now.PidsLimit ?? 0);
  if (isGiven("BlkioWeight")) resources.blkioWeight = now.BlkioWeight ?? 0;
  return resources;
}
