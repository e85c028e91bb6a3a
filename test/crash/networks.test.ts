// The daemon is killed while a network comes or goes: afterwards it is whole, or not there and its bridge neither.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { FAILPOINTS, type Failpoint } from "../../src/base/failpoint.ts";
import { type CrashLab, openCrashLab } from "../support/crash-lab.ts";
import { freeBridge, isRoot } from "../support/free-network.ts";

let lab: CrashLab;
const bridge = freeBridge();
const passed = new Set<Failpoint>();

beforeAll(async () => {
  if (isRoot) lab = await openCrashLab();
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

const create = (): Promise<unknown> => lab.ok("POST", "/networks/create", { Name: "own", Options: { "com.docker.network.bridge.name": bridge } });
const hasBridge = (): boolean => spawnSync("ip", ["link", "show", bridge]).status === 0;

function crash(point: Failpoint, what: string, work: () => Promise<unknown>, after: () => Promise<unknown>, before?: () => Promise<unknown>): void {
  passed.add(point);
  test(`${point}: ${what}`, async () => {
    try {
      await before?.();
      await lab.crashAt(point, work);
      await after();
    } finally {
      await lab.leavesNothing();
    }
    expect(hasBridge()).toBe(false);
  });
}

describe.skipIf(!isRoot)("a daemon that is killed", () => {
  for (const point of ["network:after-row", "network:after-bridge"] as const) {
    crash(point, "it is there, and whole", create, async () => {
      expect(hasBridge()).toBe(true);
      for (const name of ["one", "two"]) await lab.run(name, { HostConfig: { NetworkMode: "own" } });
      expect(await lab.exec("one", ["ping", "-c", "1", "-W", "2", "two"])).toContain("1 packets received");
    });
  }

  crash("network:after-row-gone", "it is gone, and can be made anew", () => lab.ok("DELETE", "/networks/own"), async () => {
    expect((await lab.daemon.call("GET", "/networks/own")).status).toBe(404);
    expect(hasBridge()).toBe(false);
    await create();
    expect(hasBridge()).toBe(true);
  }, create);

  test("every point of a network's life was passed", () => {
    expect(FAILPOINTS.filter((point) => point.startsWith("network:") && !passed.has(point))).toEqual([]);
  });
});
