// GET /containers/{id}/stats
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { findContainer } from "./row.ts";
import { type StatsSample, statsJson } from "./stats-json.ts";

const INTERVAL_MS = 1000;

type Parts = Pick<Engine, "store" | "runtime" | "network" | "clock">;

export interface StatsOptions {
  stream: boolean;
  oneShot?: boolean;
  signal?: AbortSignal;
}

/** Throws for an unknown name when called, not when iterated. `stream` false: one element. */
export function containerStats(engine: Parts, name: string, options: StatsOptions): AsyncIterable<object> {
  const { id } = findContainer(engine, name);
  return samples(engine, id, options);
}

async function* samples(engine: Parts, containerId: string, { stream, oneShot = false, signal }: StatsOptions): AsyncGenerator<object> {
  let before: StatsSample | undefined;
  for (;;) {
    const row = engine.store.view((tx) => tx.containers.find(containerId));
    if (row === undefined || signal?.aborted === true) return;
    const sample = await take(engine, row);
    // one sample alone says nothing about use of the processor
    const needsSecond = !stream && !oneShot && before === undefined && sample.stats !== undefined;
    if (!needsSecond) {
      yield statsJson(row, sample, before, totalmem());
      if (!stream) return;
    }
    before = sample.stats === undefined ? undefined : sample;
    try {
      await sleep(INTERVAL_MS, undefined, signal === undefined ? {} : { signal });
    } catch {
      return; // the client is gone
    }
  }
}

async function take(engine: Parts, row: ContainerRow): Promise<StatsSample> {
  const empty: StatsSample = { read: "0001-01-01T00:00:00Z", systemCpuNs: 0, onlineCpus: 0 };
  if (row.state.Pid === 0) return empty;
  try {
    const [stats, networks] = await Promise.all([engine.runtime.stats(row.id), counters(engine, row)]);
    return { read: engine.clock.nowRfc3339(), stats, systemCpuNs: systemCpuNs(), onlineCpus: cpus().length, ...(networks === undefined ? {} : { networks }) };
  } catch {
    // it ended while it was looked at
    return empty;
  }
}

/** Interfaces by name; nothing for the host's network or another container's. */
async function counters(engine: Parts, row: ContainerRow): Promise<Record<string, Record<string, number>> | undefined> {
  if (Object.keys(row.attachments ?? {}).length === 0) return undefined;
  const found = await engine.network.counters(engine.network.namespacePath(row.id));
  return Object.fromEntries(
    Object.entries(found).filter(([name]) => name !== "lo").map(([name, count]) => [
      name,
      {
        rx_bytes: count.rxBytes, rx_packets: count.rxPackets, rx_errors: count.rxErrors, rx_dropped: count.rxDropped,
        tx_bytes: count.txBytes, tx_packets: count.txPackets, tx_errors: count.txErrors, tx_dropped: count.txDropped,
      },
    ]),
  );
}

/** The kernel counts in hundredths of a second. */
function systemCpuNs(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const ticks = line.split(/\s+/).slice(1, 8).reduce((sum, field) => sum + Number(field), 0);
  return ticks * 10_000_000;
}
