// --ulimit name=soft[:hard].
import type { Ulimit } from "../../wire/docker.ts";
import { failure } from "../failure.ts";

const NAMES = new Set(["core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"]);

export function parseUlimit(text: string): Ulimit {
  const [name = "", limits, extra] = text.split("=");
  if (limits === undefined || extra !== undefined) throw failure(`invalid ulimit argument: ${text}`);
  if (!NAMES.has(name)) throw failure(`invalid ulimit type: ${name}`);
  const parts = limits.split(":");
  if (parts.length > 2 || parts[0] === "") throw failure(`too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``);
  const [soft = 0, hard = soft] = parts.map(limitOf);
  if (hard >= 0 && (soft > hard || soft === -1)) {
    if (hard !== -1 && !(soft <= hard && soft !== -1)) throw failure(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { Name: name, Hard: hard, Soft: soft };
}

function limitOf(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw failure(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
