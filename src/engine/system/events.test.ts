import { afterEach, beforeEach, expect, test } from "bun:test";
import type { EventMessage } from "../../wire/docker.ts";
import type { EventRow } from "../../store/store.ts";
import type { EventInput } from "../events.ts";
import { Bench } from "../removal/testing/bench.ts";
import { matchesEvent } from "./event-filter.ts";
import { eventStream, type EventStreamOptions, journalStream, parseEventTime } from "./events.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const SECOND = 1000;
function emit(action: string, rest: Partial<EventInput> = {}): void {
  bench.events.emit({ type: "container", action, actorId: "c1", attributes: { image: "busybox:1", name: "web" }, ...rest });
}
const seconds = (ms: number): string => String(ms / SECOND);
async function collect(options: EventStreamOptions): Promise<string[]> {
  const actions: string[] = [];
  for await (const event of eventStream(bench, options)) actions.push(event.Action);
  return actions;
}
function rowOf(rest: Partial<EventInput>): EventRow {
  const attributes = rest.attributes ?? { image: "repo.io:5000/app:2", name: "web-1", tier: "front" };
  return { seq: 1, timeNano: "0", type: rest.type ?? "container", action: rest.action ?? "start", actorId: rest.actorId ?? "abc123", attributes };
}
const filters = (record: Record<string, string[]>) => new Map(Object.entries(record));

test("what was since and until a moment is played back, and the stream ends", async () => {
  const start = bench.nowMs;
  for (const action of ["create", "start", "die", "destroy"]) {
    emit(action);
    bench.nowMs += 10 * SECOND;
  }
  expect(await collect({ since: seconds(start), until: seconds(bench.nowMs) })).toEqual(["create", "start", "die", "destroy"]);
  expect(await collect({ since: seconds(start + 10 * SECOND), until: seconds(start + 20 * SECOND) })).toEqual(["start", "die"]);
  expect(await collect({ until: seconds(start) })).toEqual(["create"]);
});

test("more than one portion of the journal is played back whole", async () => {
  for (let n = 0; n < 700; n++) emit(`a${n}`);
  expect(await collect({ since: "0", until: seconds(bench.nowMs) })).toHaveLength(700);
});

test("without a beginning only what comes is heard, in order and without loss however slow the listener", async () => {
  emit("before");
  const abort = new AbortController();
  const heard: string[] = [];
  const stream = eventStream(bench, { signal: abort.signal });
  const listening = (async () => {
    for await (const event of stream) {
      heard.push(event.Action);
      await new Promise((resolve) => setImmediate(resolve));
      if (event.Action === "last") abort.abort();
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 600; n++) emit(`e${n}`);
  emit("last");
  await listening;
  expect(heard).toHaveLength(601);
  expect(heard.slice(0, 2)).toEqual(["e0", "e1"]);
});

test("a stream that waits ends when it is aborted", async () => {
  const abort = new AbortController();
  const done = collect({ signal: abort.signal });
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  expect(await done).toEqual([]);
});

test("messages are as Docker's: legacy fields for containers and images only, nanoseconds exact", async () => {
  bench.nowMs = 1_795_885_440_593;
  emit("start");
  bench.events.emit({ type: "network", action: "create", actorId: "n1", attributes: { name: "net", type: "bridge" } });
  const messages: EventMessage[] = [];
  for await (const event of eventStream(bench, { since: "0", until: seconds(bench.nowMs) })) messages.push(event);
  expect(JSON.stringify(messages[0])).toBe(
    '{"status":"start","id":"c1","from":"busybox:1","Type":"container","Action":"start","Actor":{"ID":"c1","Attributes":{"image":"busybox:1","name":"web"}},"scope":"local","time":1795885440,"timeNano":1795885440593000000}',
  );
  expect(Object.keys(messages[1] ?? {})).toEqual(["Type", "Action", "Actor", "scope", "time", "timeNano"]);
});

test("times that make no sense are refused in Docker's words", () => {
  expect(() => eventStream(bench, { since: "foo" })).toThrow('strconv.ParseInt: parsing "foo": invalid syntax');
  expect(() => eventStream(bench, { since: "20", until: "10" })).toThrow("`since` time (20) cannot be after `until` time (10)");
  expect(parseEventTime("1700000000.000000001")).toBe(1_700_000_000_000_000_001n);
  expect(parseEventTime("5.5")).toBe(5_500_000_000n);
  expect(parseEventTime("")).toBeUndefined();
});

test("the journal is resumed by place and tells who did it", async () => {
  emit("one", { by: { uid: 1000, client: "Docker-Client/28" } });
  emit("two");
  const first = [];
  for await (const entry of journalStream(bench, { follow: false })) first.push(entry);
  expect(first.map((entry) => [entry.Action, entry.by?.uid])).toEqual([["one", 1000], ["two", undefined]]);
  emit("three");
  const later = [];
  for await (const entry of journalStream(bench, { after: first[0]?.seq ?? 0, follow: false })) later.push(entry.Action);
  expect(later).toEqual(["two", "three"]);
});

test("filters: kinds AND, values OR; names and ids by their beginning, images without tag", () => {
  const cases: [Record<string, string[]>, Partial<EventInput>, boolean][] = [
    [{}, {}, true],
    [{ type: ["container"] }, {}, true],
    [{ type: ["image"] }, {}, false],
    [{ type: ["image", "container"], event: ["start"] }, {}, true],
    [{ event: ["star"] }, {}, false],
    [{ event: ["exec_create"] }, { action: "exec_create: sh" }, true],
    [{ event: ["health_status"] }, { action: "health_status: healthy" }, true],
    [{ event: ["health_status: healthy"] }, { action: "health_status: unhealthy" }, false],
    [{ container: ["abc"] }, {}, true],
    [{ container: ["web"] }, {}, true],
    [{ container: ["x"] }, {}, false],
    [{ image: ["repo.io:5000/app"] }, {}, true],
    [{ image: ["repo.io:5000/app:2"] }, {}, true],
    [{ image: ["repo.io:5000/app:3"] }, {}, false],
    [{ image: ["busybox"] }, { type: "image", action: "pull", actorId: "busybox:1", attributes: { name: "busybox:1" } }, true],
    [{ label: ["tier"] }, {}, true],
    [{ label: ["tier=front"] }, {}, true],
    [{ label: ["tier=front", "other"] }, {}, false],
    [{ network: ["net"] }, { type: "network", actorId: "n1", attributes: { name: "net", container: "abc" } }, true],
    [{ volume: ["v"] }, {}, false],
    [{ scope: ["local"] }, {}, true],
    [{ scope: ["swarm"] }, {}, false],
    [{ unknown: ["x"] }, {}, true],
  ];
  for (const [wanted, rest, result] of cases) expect([wanted, rest, matchesEvent(filters(wanted), rowOf(rest))]).toEqual([wanted, rest, result]);
});
