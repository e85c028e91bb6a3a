// The version in a request's path: stripped, and refused when too old or too new.
import { EngineError, invalid } from "../base/errors.ts";
import { API_VERSION, MIN_API_VERSION } from "../config.ts";

export interface VersionedPath {
  /** Minor number; without a version in the path the newest. */
  version: number;
  path: string;
}

const NEWEST = minorOf(API_VERSION);
const OLDEST = minorOf(MIN_API_VERSION);

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** `/v1.43/info` → 43 and `/info`. Does not judge the version: unknown paths are "not found" whatever their version. */
export function splitVersion(path: string): { text: string | undefined; path: string } {
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  return match === null ? { text: undefined, path } : { text: match[1], path: match[2] as string };
}

/** The minor number of a version that both sides speak. */
export function negotiate(text: string | undefined): number {
  if (text === undefined) return NEWEST;
  const [major = 0, minor = 0] = text.split(".").map(Number);
  if (major > 1 || (major === 1 && minor > NEWEST)) throw invalid(`client version ${text} is too new. Maximum supported API version is ${API_VERSION}`);
  if (major < 1 || minor < OLDEST) throw tooOld(text);
  return minor;
}

function tooOld(text: string): EngineError {
  return invalid(`client version ${text} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`);
}
