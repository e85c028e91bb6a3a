import { expect, test } from "bun:test";
import { addressOfReverseName, parseQuery, RCODE, TYPE, writeAnswer, writeName } from "./dns-message.ts";

function query(name: string, type: number, extra: number[] = []): Uint8Array {
  return Uint8Array.from([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, extra.length > 0 ? 1 : 0, ...writeName(name), type >> 8, type & 255, 0, 1, ...extra]);
}
const parsed = (bytes: Uint8Array) => parseQuery(bytes) ?? expect.unreachable("no query");

test("a question is read: its name in lower case, its type, the answer's limit", () => {
  const read = parsed(query("Web.Backend", TYPE.a));
  expect(read).toMatchObject({ id: 0x1234, name: "web.backend", type: TYPE.a, isInternet: true, recursionDesired: true, udpLimitBytes: 512 });
  expect(parsed(query("a", TYPE.aaaa, [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0])).udpLimitBytes).toBe(4096);
});

test("what is no question is left alone", () => {
  const answer = query("a", TYPE.a);
  answer[2] = 0x81;
  for (const bytes of [new Uint8Array(), new Uint8Array(11), answer, query("a", TYPE.a).subarray(0, 14), Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1])]) expect(parseQuery(bytes)).toBeUndefined();
});

test("an answer repeats the question and points at its name", () => {
  const read = parsed(query("web", TYPE.a));
  const bytes = writeAnswer(read, [{ type: TYPE.a, address: Uint8Array.of(10, 0, 0, 2) }], RCODE.ok, 600);
  expect([...bytes]).toEqual([
    0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3, 119, 101, 98, 0, 0, 1, 0, 1,
    0xc0, 12, 0, 1, 0, 1, 0, 0, 2, 0x58, 0, 4, 10, 0, 0, 2,
  ]);
});

test("a name for an address, and no name", () => {
  const read = parsed(query("2.0.18.172.in-addr.arpa", TYPE.ptr));
  const bytes = writeAnswer(read, [{ type: TYPE.ptr, name: "web.net" }], RCODE.ok, 1);
  expect([...bytes.subarray(-9)]).toEqual([3, 119, 101, 98, 3, 110, 101, 116, 0]);
  const none = writeAnswer(read, [], RCODE.noSuchName, 0);
  expect((none[3] ?? 0) & 15).toBe(3);
  expect(none.length).toBe(12 + read.question.length);
});

test("what does not fit is cut at a record, and says so", () => {
  const read = parsed(query("many", TYPE.a));
  const answers = Array.from({ length: 100 }, (_, index) => ({ type: TYPE.a, address: Uint8Array.of(10, 0, 0, index) }));
  const bytes = writeAnswer(read, answers, RCODE.ok, 1, 512);
  expect(bytes.length).toBeLessThanOrEqual(512);
  expect((bytes[2] ?? 0) & 2).toBe(2);
  expect(new DataView(bytes.buffer).getUint16(6)).toBe(Math.floor((512 - 12 - read.question.length) / 16));
});

test("reverse names of both families", () => {
  expect([...(addressOfReverseName("2.0.18.172.in-addr.arpa") ?? [])]).toEqual([172, 18, 0, 2]);
  const six = `${"0.".repeat(31)}f.ip6.arpa`;
  expect(addressOfReverseName(six)?.[0]).toBe(0xf0);
  expect(addressOfReverseName("web")).toBeUndefined();
});
