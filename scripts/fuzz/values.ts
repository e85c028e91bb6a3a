// Values that break things, and their way into a valid JSON body.
import type { Random } from "./random.ts";

const TEXTS = [
  "", " ", "0", "-1", "1e309", "NaN", "null", "true", "a".repeat(5000), "../../etc/passwd", "/", "//", "..", ".", "\0", "a\0b", "\n", "\r\nX: y", "%", "%zz", "%00", "%2e%2e%2f", "é", "日本語", "💥", "\ud800", "{}", "[]", "{{.}}",
  "$(id)", "`id`", "'; drop table containers; --", "sha256:", `sha256:${"f".repeat(64)}`, "f".repeat(64), "a:b:c", "a@b", "A/B", "1h", "-1h", "9999999999999999999h", "1970-01-01", "99999-01-01T00:00:00Z", "1.5.5", "tcp", "80/tcp", "80-70/tcp",
  "seccomp={\"syscalls\":5}", "seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[null]}", "seccomp={}", "label=disable", "apparmor=unconfined", "/a:/b:ro,z", "a:/b:nocopy", "c 1:3 rwm", "a=b", "1.2.3.4", "::1", "0-0", "0-99", "02:42:ac:11:00:09",
  "65536", "host", "none", "container:", "container:nothing", "private", "shareable", "__proto__", "constructor", "toString", "no", "always", "on-failure", "unless-stopped", "ctrl-@", "ctrl-p,", "{\"a\":", "{\"label\":{\"a\":true}}", "{\"label\":[1]}", "{\"status\":[\"x\"]}", "[\"a\"]", "{\"until\":[\"1h\",\"2h\"]}", "{\"name\":[\"(\"]}", "{\"reference\":[\"[\"]}", "{\"before\":[\"x\"]}", "{\"dangling\":[\"maybe\"]}", "{\"__proto__\":[\"x\"]}",
] as const;
const NUMBERS = [0, -1, 1, 0.5, -0.5, 255, 256, 65535, 65536, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300, -1e300] as const;

export const badText = (random: Random): string => random.pick(TEXTS);

export function badValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 3 ? 4 : 9)) {
    case 0:
      return badText(random);
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return random.chance(2);
    case 3:
      return null;
    case 4:
      return Array.from({ length: random.below(4) }, () => badValue(random, depth + 1));
    case 5:
      return Object.fromEntries(Array.from({ length: random.below(4) }, () => [badText(random), badValue(random, depth + 1)]));
    case 6:
      return deep(random.pick([10, 100, 2000]));
    case 7:
      return Array.from({ length: random.pick([100, 3000]) }, () => badText(random).slice(0, 20));
    default:
      return {};
  }
}

function deep(levels: number): unknown {
  let value: unknown = "end";
  for (let at = 0; at < levels; at++) value = at % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A copy with one to three places changed: another value, another type, gone, doubled. */
export function mutate(random: Random, valid: unknown): unknown {
  const copy = structuredClone(valid);
  for (let times = 1 + random.below(3); times > 0; times--) mutateOnce(random, copy);
  return copy;
}

function mutateOnce(random: Random, root: unknown): void {
  let parent = root as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(parent);
    if (keys.length === 0) return void assign(parent, badText(random), badValue(random));
    const key = random.pick(keys);
    const child = parent[key];
    if (typeof child === "object" && child !== null && !random.chance(3)) {
      parent = child as Record<string, unknown>;
      continue;
    }
    const how = random.below(8);
    if (how === 0) delete parent[key];
    else if (how === 1) assign(parent, badText(random), child);
    else assign(parent, key, random.chance(3) ? badValue(random) : alike(random, child));
    return;
  }
}

/** Another value of the same type: it gets past the decoder. */
function alike(random: Random, value: unknown): unknown {
  if (typeof value === "string") return badText(random);
  if (typeof value === "number") return random.pick(NUMBERS);
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return [...(value as unknown[]), ...Array.from({ length: random.below(4) }, () => badText(random))];
  return badValue(random);
}

function assign(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
