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

test("proxies: the environment's, the file's before it, a flag's before both", () => {
  const environment = { HTTPS_PROXY: "http://e", http_proxy: "http://small", NO_PROXY: "a,b" };
  const proxies = (args: string[], file?: string) => loadConfig(args, ["worker"], file === undefined ? none : () => file, environment);
  expect(proxies([])).toMatchObject({ httpProxy: "http://small", httpsProxy: "http://e", noProxy: "a,b" });
  expect(proxies(["--no-proxy", "c"], JSON.stringify({ proxies: { "https-proxy": "http://f" } }))).toMatchObject({ httpProxy: "http://small", httpsProxy: "http://f", noProxy: "c" });
});

test.each([
  [["--registry-mirror", "h:5000"], undefined, `invalid mirror: no scheme specified for "h:5000": must use either 'https://' or 'http://'`],
  [["--registry-mirror", "ftp://h"], undefined, `invalid mirror: unsupported scheme "ftp" in "ftp://h": must use either 'https://' or 'http://'`],
  [["--registry-mirror", "http://h/?q"], undefined, 'invalid mirror: query or fragment at end of the URI "http://h/?q"'],
  [["--registry-mirror", "http://u:secret@h"], undefined, 'invalid mirror: username/password not allowed in URI "http://u:xxxxx@h"'],
  [[], '{"proxies":"http://h"}', "bad value for proxies"],
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
