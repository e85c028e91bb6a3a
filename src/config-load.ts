// Flags of `berth daemon` and daemon.json → Config. A key that stands in both, or that is unknown, refuses the start.
import { existsSync, readFileSync } from "node:fs";
import { invalid, messageOf } from "./base/errors.ts";
import type { Config } from "./config.ts";

type Kind = "text" | "list" | "number" | "flag" | "map";

interface Key {
  flag: string;
  file?: string;
  short?: string;
  kind: Kind;
}

/** dockerd's names where it has them. */
const KEYS = {
  root: { flag: "data-root", file: "data-root", kind: "text" },
  runRoot: { flag: "exec-root", file: "exec-root", kind: "text" },
  hosts: { flag: "host", file: "hosts", short: "H", kind: "list" },
  bridge: { flag: "bridge", file: "bridge", short: "b", kind: "text" },
  bip: { flag: "bip", file: "bip", kind: "text" },
  group: { flag: "group", file: "group", short: "G", kind: "text" },
  pidFile: { flag: "pidfile", file: "pidfile", short: "p", kind: "text" },
  defaultRuntime: { flag: "default-runtime", file: "default-runtime", kind: "text" },
  containersPerShim: { flag: "containers-per-shim", file: "containers-per-shim", kind: "number" },
  registryMirrors: { flag: "registry-mirror", file: "registry-mirrors", kind: "list" },
  insecureRegistries: { flag: "insecure-registry", file: "insecure-registries", kind: "list" },
  certDirectories: { flag: "cert-directory", file: "cert-directories", kind: "list" },
  httpProxy: { flag: "http-proxy", file: "http-proxy", kind: "text" },
  httpsProxy: { flag: "https-proxy", file: "https-proxy", kind: "text" },
  noProxy: { flag: "no-proxy", file: "no-proxy", kind: "text" },
  logDriver: { flag: "log-driver", file: "log-driver", kind: "text" },
  logOptions: { flag: "log-opt", file: "log-opts", kind: "map" },
  labels: { flag: "label", file: "labels", kind: "list" },
  dns: { flag: "dns", file: "dns", kind: "list" },
  defaultShmSizeBytes: { flag: "default-shm-size", file: "default-shm-size", kind: "number" },
  maxConcurrentDownloads: { flag: "max-concurrent-downloads", file: "max-concurrent-downloads", kind: "number" },
  maxConcurrentUploads: { flag: "max-concurrent-uploads", file: "max-concurrent-uploads", kind: "number" },
  maxDownloadAttempts: { flag: "max-download-attempts", file: "max-download-attempts", kind: "number" },
  debug: { flag: "debug", file: "debug", short: "D", kind: "flag" },
  initPath: { flag: "init-path", file: "init-path", kind: "text" },
} as const satisfies Partial<Record<keyof Config, Key>>;

type KeyName = keyof typeof KEYS;
type Value = string | number | boolean | string[] | Record<string, string>;

const DEFAULTS: Omit<Config, "workerCommand" | "httpProxy" | "httpsProxy" | "noProxy"> = {
  root: "/var/lib/berth",
  runRoot: "/run/berth",
  hosts: [],
  bridge: "berth0",
  bip: "172.26.0.1/16",
  group: "docker",
  containersPerShim: 8,
  registryMirrors: [],
  insecureRegistries: [],
  certDirectories: ["/etc/berth/certs.d", "/etc/docker/certs.d"],
  logDriver: "json-file",
  logOptions: { "max-file": "5", "max-size": "20m" },
  labels: [],
  dns: [],
  defaultShmSizeBytes: 64 << 20,
  maxConcurrentDownloads: 3,
  maxConcurrentUploads: 5,
  maxDownloadAttempts: 5,
  debug: false,
};

const CONFIG_FILE = "/etc/berth/daemon.json";
const INIT_PROGRAMS = ["/usr/bin/docker-init", "/usr/libexec/docker/docker-init", "/usr/bin/tini", "/usr/bin/catatonit", "/usr/libexec/podman/catatonit", "/usr/bin/tini-static"];

/** `workerCommand` starts this program's workers. */
export function loadConfig(
  args: readonly string[],
  workerCommand: readonly string[],
  readFile: (path: string) => string | undefined = readIfThere,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const { values: flags, configFile } = parseFlags(args);
  const file = parseFile(configFile ?? CONFIG_FILE, configFile !== undefined, readFile);
  for (const name of flags.keys()) {
    if (file.has(name)) throw invalid(`the following directives are specified both as a flag and in the configuration file: ${KEYS[name].flag}: (from flag: ${String(flags.get(name))}, from file: ${String(file.get(name))})`);
  }
  const chosen = Object.fromEntries([...file, ...flags]) as Partial<Config>;
  const config = { ...DEFAULTS, ...proxiesOf(environment), ...chosen, workerCommand };
  const initPath = config.initPath ?? INIT_PROGRAMS.find((path) => existsSync(path));
  const hosts = config.hosts.length > 0 ? config.hosts : [`unix://${config.runRoot}/berth.sock`];
  check(config);
  return Object.freeze({ ...config, hosts, ...(initPath === undefined ? {} : { initPath }) });
}

function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Pick<Config, "httpProxy" | "httpsProxy" | "noProxy"> {
  const read = (name: string): string => environment[name] || environment[name.toLowerCase()] || "";
  return { httpProxy: read("HTTP_PROXY"), httpsProxy: read("HTTPS_PROXY"), noProxy: read("NO_PROXY") };
}

function checkMirror(mirror: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(mirror)?.[1];
  const url = URL.parse(mirror);
  if (scheme === undefined) throw invalid(`invalid mirror: no scheme specified for "${mirror}": must use either 'https://' or 'http://'`);
  if (scheme !== "http" && scheme !== "https") throw invalid(`invalid mirror: unsupported scheme "${scheme}" in "${mirror}": must use either 'https://' or 'http://'`);
  if (url === null) throw invalid(`invalid mirror: "${mirror}" is not a valid URI`);
  if (url.search !== "" || url.hash !== "") throw invalid(`invalid mirror: query or fragment at end of the URI "${mirror}"`);
  if (url.username === "") return;
  throw invalid(`invalid mirror: username/password not allowed in URI "${scheme}://${url.username}${url.password === "" ? "" : ":xxxxx"}@${url.host}"`);
}

function check(config: Config): void {
  config.registryMirrors.forEach(checkMirror);
  for (const path of [config.root, config.runRoot]) if (!path.startsWith("/")) throw invalid(`${path} is not an absolute path`);
  if (config.root === config.runRoot) throw invalid("--data-root and --exec-root must differ");
  if (config.bridge.length > 15 || !/^[\w.-]+$/.test(config.bridge)) throw invalid(`invalid bridge name: ${config.bridge}`);
  if (config.containersPerShim < 1) throw invalid("--containers-per-shim must be 1 or more");
}

function parseFlags(args: readonly string[]): { values: Map<KeyName, Value>; configFile?: string } {
  const values = new Map<KeyName, Value>();
  let configFile: string | undefined;
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const match = /^(?:--([\w-]+)|-(\w))(?:=(.*))?$/s.exec(word);
    if (match === null) throw invalid(`"berth daemon" accepts no arguments: ${word}`);
    const [, long, short, inline] = match;
    const value = (): string => {
      const found = inline ?? rest.shift();
      if (found === undefined) throw invalid(`flag needs an argument: ${word}`);
      return found;
    };
    if (long === "config-file") {
      configFile = value();
      continue;
    }
    if (long === "log-level") {
      if (value() === "debug") values.set("debug", true);
      continue;
    }
    const name = (Object.keys(KEYS) as KeyName[]).find((each) => KEYS[each].flag === long || (short !== undefined && (KEYS[each] as Key).short === short));
    if (name === undefined) throw invalid(`unknown flag: ${word}`);
    values.set(name, parseValue(KEYS[name], KEYS[name].kind === "flag" ? (inline ?? "true") : value(), values.get(name)));
  }
  return { values, ...(configFile === undefined ? {} : { configFile }) };
}

function parseValue({ kind, flag }: Key, text: string, before: Value | undefined): Value {
  switch (kind) {
    case "text":
      return text;
    case "list":
      return [...((before as string[] | undefined) ?? []), text];
    case "map": {
      const equals = text.indexOf("=");
      if (equals < 1) throw invalid(`invalid argument "${text}" for "--${flag}" flag: must be KEY=VALUE`);
      return { ...(before as Record<string, string> | undefined), [text.slice(0, equals)]: text.slice(equals + 1) };
    }
    case "flag":
      return text === "true" || text === "1";
    case "number": {
      const units: Record<string, number> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
      const match = /^(\d+)([bkmg]?)$/i.exec(text);
      if (match === null) throw invalid(`invalid argument "${text}" for "--${flag}" flag`);
      return Number(match[1]) * (units[(match[2] ?? "").toLowerCase()] ?? 1);
    }
  }
}

function parseFile(path: string, required: boolean, readFile: (path: string) => string | undefined): Map<KeyName, Value> {
  const text = readFile(path);
  if (text === undefined) {
    if (required) throw invalid(`unable to configure the daemon with file ${path}: open ${path}: no such file or directory`);
    return new Map();
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalid(`unable to configure the daemon with file ${path}: ${messageOf(error)}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw invalid(`unable to configure the daemon with file ${path}: not an object`);
  const values = new Map<KeyName, Value>();
  const { proxies = {}, ...flat } = parsed as { proxies?: unknown };
  if (typeof proxies !== "object" || proxies === null || Array.isArray(proxies)) throw invalid(`unable to configure the daemon with file ${path}: bad value for proxies`);
  for (const [key, value] of Object.entries({ ...flat, ...proxies })) {
    const name = (Object.keys(KEYS) as KeyName[]).find((each) => KEYS[each].file === key);
    if (name === undefined) throw invalid(`unable to configure the daemon with file ${path}: the following directives don't match any configuration option: ${key}`);
    if (!fits(KEYS[name].kind, value)) throw invalid(`unable to configure the daemon with file ${path}: bad value for ${key}`);
    values.set(name, typeof value === "string" && KEYS[name].kind === "number" ? parseValue(KEYS[name], value, undefined) : (value as Value));
  }
  return values;
}

function fits(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "list":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "number":
      return (Number.isSafeInteger(value) && (value as number) >= 0) || (typeof value === "string" && /^\d+[bkmg]?$/i.test(value));
    case "flag":
      return typeof value === "boolean";
    case "map":
      return typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
