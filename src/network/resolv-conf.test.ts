import { expect, test } from "bun:test";
import { parseResolvConf, writeResolvConf } from "./resolv-conf.ts";

const HOST = parseResolvConf("# c\nnameserver 10.0.0.53\nnameserver 127.0.0.1\nsearch corp.example lan\noptions edns0 ; x\n");
const NONE = { dns: [], search: [], options: [], embedded: false };
const words = (text: string): string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("a host's file is read", () => {
  expect(HOST).toEqual({ servers: ["10.0.0.53", "127.0.0.1"], search: ["corp.example", "lan"], options: ["edns0"] });
});

test("the host's servers but those of its loopback; in its own network all", () => {
  expect(words(writeResolvConf(HOST, NONE))).toEqual(["nameserver 10.0.0.53", "search corp.example lan", "options edns0"]);
  expect(words(writeResolvConf(HOST, { ...NONE, hostNetwork: true }))[1]).toBe("nameserver 127.0.0.1");
  expect(words(writeResolvConf({ servers: ["127.0.0.53"], search: [], options: [] }, NONE))).toEqual(["nameserver 8.8.8.8", "nameserver 8.8.4.4"]);
});

test("what is given stands in place of the host's", () => {
  const text = writeResolvConf(HOST, { ...NONE, dns: ["1.1.1.1"], search: ["."], options: ["ndots:3"] });
  expect(words(text)).toEqual(["nameserver 1.1.1.1", "options ndots:3"]);
  expect(text).toContain("# Overrides: [nameservers search options]");
});

test("with names of its own network the answering machine is the only server", () => {
  const text = writeResolvConf(HOST, { ...NONE, embedded: true });
  expect(words(text)).toEqual(["nameserver 127.0.0.11", "search corp.example lan", "options edns0 ndots:0"]);
  expect(text).toContain("ExtServers: [10.0.0.53]");
  expect(words(writeResolvConf(HOST, { ...NONE, embedded: true, options: ["ndots:2"] })).at(-1)).toBe("options ndots:2");
});
