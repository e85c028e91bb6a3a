// A container's log driver: checked at create, turned into the runtime's terms at start.
import { internal, invalid } from "../../base/errors.ts";
import type { Config } from "../../config.ts";
import type { TaskLog } from "../../runtime/runtime.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { HostConfig } from "../../wire/docker.ts";

type LogConfig = NonNullable<HostConfig["LogConfig"]>;

const COMMON = ["mode", "max-buffer-size"];
const JSON_FILE = new Set([...COMMON, "max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"]);
const LOCAL = new Set([...COMMON, "max-file", "max-size", "compress"]);

/** The request's, with the daemon's driver and, for that driver, its options where none are given. */
export function completeLogConfig(given: LogConfig | undefined, config: Pick<Config, "logDriver" | "logOptions">): LogConfig {
  const type = given?.Type || config.logDriver;
  return { Type: type, Config: { ...(type === config.logDriver ? config.logOptions : {}), ...given?.Config } };
}

export function checkLogConfig({ Type: type = "", Config: options }: LogConfig): void {
  const given = options ?? {};
  if (type === "none") return;
  if (type !== "json-file" && type !== "local") throw invalid(`error looking up logging plugin ${type}: plugin "${type}" not found`);
  checkMode(given);
  for (const key of Object.keys(given)) {
    if (type === "json-file" && !JSON_FILE.has(key)) throw invalid(`unknown log opt '${key}' for json-file log driver`);
    if (type === "local" && !LOCAL.has(key)) throw invalid(`unknown log opt '${key}' for log driver local`);
  }
}

function checkMode(options: Record<string, string>): void {
  const mode = options["mode"] ?? "";
  if (!["", "blocking", "non-blocking"].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  const buffer = options["max-buffer-size"];
  if (buffer === undefined) return;
  if (mode !== "non-blocking") throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  if (parseBytes(buffer) === undefined) throw invalid(`error parsing option max-buffer-size: invalid size: '${buffer}'`);
}

const DEFAULTS = { "json-file": { maxSizeBytes: 0, maxFiles: 1, compress: false }, local: { maxSizeBytes: 20 * 1024 * 1024, maxFiles: 5, compress: true } } as const;

/** Throws what Docker says at start for values that mean nothing. */
export function taskLog(row: ContainerRow, path: string): TaskLog {
  const { Type: type = "json-file", Config: given } = row.hostConfig.LogConfig ?? {};
  if (type === "none") return { driver: "none", path, maxSizeBytes: 0, maxFiles: 1, compress: false };
  const options = given ?? {};
  const log: TaskLog = { driver: "json-file", path, ...DEFAULTS[type === "local" ? "local" : "json-file"] };
  const size = options["max-size"];
  if (size !== undefined) log.maxSizeBytes = parseBytes(size) ?? fail(`invalid size: '${size}'`);
  const files = options["max-file"];
  if (files !== undefined) {
    if (!/^[+-]?\d+$/.test(files)) fail(`strconv.Atoi: parsing ${JSON.stringify(files)}: invalid syntax`);
    log.maxFiles = Number(files);
    if (log.maxFiles < 1) fail("max-file cannot be less than 1");
  }
  const compress = options["compress"];
  if (compress !== undefined) {
    log.compress = parseBool(compress) ?? fail(`strconv.ParseBool: parsing ${JSON.stringify(compress)}: invalid syntax`);
    if (log.compress && type === "json-file" && (log.maxFiles < 2 || log.maxSizeBytes <= 0)) fail("compress cannot be true when max-file is less than 2 or max-size is not set");
  }
  const attrs = logAttributes(row, options);
  return Object.keys(attrs).length === 0 ? log : { ...log, attrs };
}

function fail(text: string): never {
  throw internal(`failed to create task for container: failed to initialize logging driver: ${text}`);
}

/** What goes into each line: chosen labels and variables, and the tag. */
export function logAttributes(row: ContainerRow, options: Readonly<Record<string, string>>): Record<string, string> {
  const attrs: Record<string, string> = {};
  const labels = row.config.Labels ?? {};
  const env = Object.fromEntries((row.config.Env ?? []).flatMap((entry) => (entry.includes("=") ? [[entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]] : [])));
  for (const [source, names, regex] of [[labels, "labels", "labels-regex"], [env, "env", "env-regex"]] as const) {
    for (const name of (options[names] ?? "").split(",")) if (Object.hasOwn(source, name)) attrs[name] = source[name] ?? "";
    const pattern = options[regex];
    if (pattern === undefined) continue;
    const test = new RegExp(pattern);
    for (const [name, value] of Object.entries(source)) if (test.test(name)) attrs[name] = value;
  }
  if ((options["tag"] ?? "") !== "") attrs["tag"] = expandTag(options["tag"] ?? "", row);
  return attrs;
}

/** The members of Docker's tag templates. */
function expandTag(tag: string, row: ContainerRow): string {
  const members: Record<string, string> = {
    ID: row.id.slice(0, 12), FullID: row.id, Name: row.name, ImageID: row.imageId.replace("sha256:", "").slice(0, 12), ImageFullID: row.imageId,
    ImageName: row.imageRef, DaemonName: "docker", Command: [row.path, ...row.args].join(" "),
  };
  return tag.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, name: string) => members[name] ?? whole);
}

/** Whether logs can be read back. */
export function assertReadable(row: ContainerRow): void {
  if (row.hostConfig.LogConfig?.Type === "none") throw internal("configured logging driver does not support reading");
}


const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

function parseBytes(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  return parts === null ? undefined : Math.floor(Number(parts[1]) * (UNITS[(parts[2] ?? "").toLowerCase()] ?? 1));
}

function parseBool(text: string): boolean | undefined {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(text) ? false : undefined;
}
