// `--change` of import and commit: Dockerfile instructions that alter an image's configuration, in Docker's words.
import { posix } from "node:path";
import { invalid } from "../../base/errors.ts";
import type { HealthcheckConfig, ImageRunConfig } from "../../wire/oci.ts";
import { parseGoDuration } from "../../wire/time.ts";
import { parseSignal } from "../container/signals.ts";
import { jsonList, keyValues, splitWords, unquote } from "./change-words.ts";

type Change = (config: ImageRunConfig, text: string) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  CMD: (config, text) => void (config.Cmd = commandOf(config, text)),
  ENTRYPOINT: (config, text) => void (config.Entrypoint = commandOf(config, text)),
  ENV(config, text) {
    for (const [key, value] of keyValues("ENV", text)) config.Env = [...(config.Env ?? []).filter((each) => !each.startsWith(`${key}=`)), `${key}=${value}`];
  },
  LABEL(config, text) {
    config.Labels = { ...config.Labels, ...Object.fromEntries(keyValues("LABEL", text)) };
  },
  EXPOSE(config, text) {
    const ports = words("EXPOSE", text).flatMap(portsOf);
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
  },
  VOLUME(config, text) {
    const paths = jsonList(text) ?? words("VOLUME", text);
    if (paths.some((path) => path.trim() === "")) throw invalid("VOLUME specified can not be an empty string");
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
  },
  USER: (config, text) => void (config.User = one("USER", text)),
  WORKDIR: (config, text) => void (config.WorkingDir = posix.resolve("/", config.WorkingDir ?? "/", one("WORKDIR", text))),
  STOPSIGNAL(config, text) {
    const signal = one("STOPSIGNAL", text);
    parseSignal(signal);
    config.StopSignal = signal;
  },
  ONBUILD(config, text) {
    const first = (splitWords(text)[0] ?? "").toUpperCase();
    if (first === "") throw invalid("ONBUILD requires at least one argument");
    if (first === "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (first === "MAINTAINER" || first === "FROM") throw invalid(`${first} isn't allowed as an ONBUILD trigger`);
    config.OnBuild = [...(config.OnBuild ?? []), text];
  },
  HEALTHCHECK: (config, text) => void (config.Healthcheck = healthcheckOf(text)),
};

/** A new configuration; the given one stays as it is. */
export function applyChanges(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  const changed = structuredClone(config);
  const lines = linesOf(changes);
  if (changes.length > 0 && lines.length === 0) throw invalid("file with no instructions");
  for (const line of lines) {
    const match = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(line);
    if (match === null) continue;
    const name = (match[1] ?? "").toUpperCase();
    const change = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
    if (change === undefined) throw invalid(`${name} is not a valid change command`);
    change(changed, match[2] ?? "");
  }
  return changed;
}

/** All of them together are one Dockerfile: a change may have several lines, go on after a backslash, or be a comment. */
function linesOf(changes: readonly string[]): string[] {
  const lines = changes.join("\n").replaceAll(/\\[ \t]*\n/g, "").split("\n");
  return lines.filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
}

function commandOf(config: ImageRunConfig, text: string): string[] {
  const list = jsonList(text);
  if (list !== undefined) return list;
  return [...(config.Shell ?? ["/bin/sh", "-c"]), ...(text === "" ? [] : [text])];
}

function words(name: string, text: string): string[] {
  const found = splitWords(text).map(unquote);
  if (found.length === 0) throw invalid(`${name} requires at least one argument`);
  return found;
}

function one(name: string, text: string): string {
  if (text === "") throw invalid(`${name} requires exactly one argument`);
  return unquote(text);
}

function portsOf(text: string): string[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  const protocol = (match?.[3] ?? "tcp").toLowerCase();
  if (match === null || from > 65_535 || to > 65_535 || to < from) throw invalid(`Invalid containerPort: ${text.split("/")[0]}`);
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw invalid(`Invalid proto: ${protocol}`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`);
}

const DURATIONS: Readonly<Record<string, "Interval" | "Timeout" | "StartPeriod" | "StartInterval">> = { interval: "Interval", timeout: "Timeout", "start-period": "StartPeriod", "start-interval": "StartInterval" };

function healthcheckOf(text: string): HealthcheckConfig {
  const health: HealthcheckConfig = {};
  let rest = text;
  for (let flag = /^--([\w-]+)=(\S+)\s*/.exec(rest); flag !== null; flag = /^--([\w-]+)=(\S+)\s*/.exec(rest)) {
    const [all, name = "", value = ""] = flag;
    const duration = DURATIONS[name];
    if (duration !== undefined) health[duration] = parseGoDuration(value);
    else if (name === "retries") health.Retries = Number(value);
    else throw invalid(`Unknown flag: ${name}`);
    rest = rest.slice(all.length);
  }
  const [, type = "", command = ""] = /^(\S*)\s*([\s\S]*)$/.exec(rest) ?? [];
  if (type.toUpperCase() === "NONE") return { Test: ["NONE"] };
  if (type.toUpperCase() !== "CMD") throw invalid(type === "" ? "HEALTHCHECK requires at least one argument" : `Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  if (command === "") throw invalid("Missing command after HEALTHCHECK CMD");
  const list = jsonList(command);
  return { Test: list === undefined ? ["CMD-SHELL", command] : ["CMD", ...list], ...health };
}
