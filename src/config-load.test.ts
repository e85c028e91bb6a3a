import { expect, test } from "bun:test";
import { loadConfig } from "./config-load.ts";

const none = () => undefined;
const load = (args: string[], file?: string) => loadConfig(args, ["worker"], file === undefined ? none : () => file);

test("without flags or a file everything has its default", () => {
  const config = load([]);
  expect(config.root).toBe("/var/lib/berth");
  expect(config.hosts).toEqual(["unix:///run/berth/berth.sock"]);
  expect(config.logOptions).toEqual({ "max-size": "20m", "max-file": "5" });
});

test("flags in every form are read", () => {
  const config = load(["--data-root", "/d", "--exec-root=/e", "-H", "unix:///a", "--host=tcp://127.0.0.1:1", "-D", "--label", "a=1", "--label", "b", "--default-shm-size", "128m", "--log-opt", "max-size=1m"]);
  expect(config).toMatchObject({ root: "/d", runRoot: "/e", hosts: ["unix:///a", "tcp://127.0.0.1:1"], debug: true, labels: ["a=1", "b"], defaultShmSizeBytes: 128 << 20, logOptions: { "max-size": "1m" } });
});

test("the file is read, and the exec root gives the socket its place", () => {
  const config = load([], JSON.stringify({ "data-root": "/d", "exec-root": "/e", "insecure-registries": ["r:5000"], "max-concurrent-downloads": 7 }));
  expect(config).toMatchObject({ root: "/d", hosts: ["unix:///e/berth.sock"], insecureRegistries: ["r:5000"], maxConcurrentDownloads: 7 });
});

test.each([
  [["--nope"], undefined, "unknown flag: --nope"],
  [["--data-root"], undefined, "flag needs an argument: --data-root"],
  [["word"], undefined, "accepts no arguments"],
  [["--data-root", "rel"], undefined, "not an absolute path"],
  [["--bridge", "a-name-that-is-too-long"], undefined, "invalid bridge name"],
  [["--containers-per-shim", "x"], undefined, "invalid argument"],
  [["--data-root", "/d"], '{"data-root":"/e"}', "specified both as a flag and in the configuration file: data-root"],
  [[], '{"nope":1}', "don't match any configuration option: nope"],
  [[], "{", "unable to configure the daemon"],
  [[], "[]", "not an object"],
  [[], '{"hosts":"unix:///a"}', "bad value for hosts"],
  [["--config-file", "/nonexistent"], undefined, "no such file or directory"],
] as [string[], string | undefined, string][])("%p with %p is refused", (args, file, message) => expect(() => load(args, file)).toThrow(message));
