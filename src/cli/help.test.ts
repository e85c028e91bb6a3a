// Every option that a help text shows is parsed; commands and options of berth's own are marked as such.
import { expect, test } from "bun:test";
import { runCli } from "./cli.ts";
import { BEYOND, COMMANDS, GROUPS } from "./commands.ts";
import type { Console } from "./console.ts";
import { parseFlags, parseFlagTable, type Flag } from "./flags.ts";
import { commandHelp } from "./help.ts";

const VALUES: Readonly<Record<string, readonly string[]>> = {
  "": [""], bool: ["true"], int: ["1"], int64: ["1"], uint: ["1"], uint16: ["1"], bytes: ["1m"], duration: ["1s"], decimal: ["1.5"], filter: ["a=b"], map: ["a=b"], mount: ["type=tmpfs,target=/x"],
  network: ["x"], ulimit: ["nofile=1:2"], "gpu-request": ["all"], port: ["80"],
};
/** Where a validator wants more than any text. */
const TEXTS: readonly string[] = ["x", "a=b", "net.ipv4.ip_forward=1", "a:1.2.3.4", "1.2.3.4", "/dev/null:10", "/dev/null:1mb", "c 1:3 r", "80", "stdin", "CHOWN", "1", "json"];

const typed = COMMANDS.filter((entry) => !entry.hidden);

test.each(typed.map((entry) => entry.path))("%s: each option of its help is understood, long, short and with =", async (path) => {
  const entry = COMMANDS.find((candidate) => candidate.path === path)!;
  const { command } = await entry.load();
  const flags = parseFlagTable(command.flags ?? "");
  const shown = optionsIn(commandHelp("berth", path, entry, command, flags, 300));
  expect(shown.map(({ name }) => name).toSorted()).toEqual(flags.filter((flag) => !flag.hidden).map(({ name }) => name).toSorted());
  const { validators } = command;
  const takes = (words: readonly string[]) => parseFlags(flags, words, { interspersed: true, validators, warn: () => undefined }).args.length === 0;
  for (const { name, short, type } of shown) {
    const value = type === "" ? "" : valueFor(flags, name, type, takes);
    expect(takes(type === "" ? [`--${name}`] : [`--${name}`, value])).toBe(true);
    expect(takes([`--${name}=${type === "" ? "false" : value}`])).toBe(true);
    if (short !== undefined) expect(takes(type === "" ? [`-${short}`] : [`-${short}${value}`])).toBe(true);
  }
});

function valueFor(flags: readonly Flag[], name: string, type: string, takes: (words: readonly string[]) => boolean): string {
  const value = [...(VALUES[type] ?? []), ...TEXTS].find((text) => {
    try {
      return takes([`--${name}`, text]);
    } catch {
      return false;
    }
  });
  if (value === undefined) throw new Error(`no value suits --${name} ${type} of ${flags.length} flags`);
  return value;
}

function optionsIn(help: string): { name: string; short: string | undefined; type: string }[] {
  return [...help.matchAll(/^ {2}(?:-(\w), | {4})--([a-z0-9-]+)(?: ([\w-]+))?(?: {2,}|$)/gm)].map(([, short, name = "", type = ""]) => ({ name, short, type }));
}

test("own options stand under a heading of their own, own commands too", async () => {
  const { text } = await said(["rm", "--help"]);
  expect(text).toMatch(/\nOptions:\n(?: .*\n)+\nOptions beyond Docker:\n +--dry-run/);
  expect((await said(["why", "--help"])).text).not.toContain("beyond Docker");
  const overview = (await said(["--help"])).text;
  const beyond = /\nRemoval and Space:\n((?: .*\n)+)/.exec(overview)?.[1] ?? "";
  expect(beyond.split("\n").map((line) => line.trim().split(" ")[0]).filter(Boolean)).toEqual([...BEYOND].toSorted());
});

test("the overview and the nouns' helps name every command", async () => {
  const overview = (await said(["--help"])).text;
  for (const entry of typed) if (entry.shortcut !== undefined || !entry.path.includes(" ")) expect(overview).toMatch(new RegExp(`^  ${entry.shortcut ?? entry.path} +\\S`, "m"));
  for (const group of Object.keys(GROUPS)) {
    const { text, exitCode } = await said([group, "--help"]);
    expect(exitCode).toBe(0);
    for (const entry of typed) if (entry.path.startsWith(`${group} `)) expect(text).toContain(`  ${entry.path.slice(group.length + 1)} `);
  }
});

test("help of the nearest command whatever else the words say", async () => {
  for (const [words, usage] of [[["nonsense", "--help"], "berth [OPTIONS] COMMAND"], [["volume", "nonsense", "--help"], "berth volume COMMAND"], [["help", "ps"], "berth ps [OPTIONS]"], [["ps", "-a", "--help", "x"], "berth ps [OPTIONS]"], [["-h"], "berth [OPTIONS] COMMAND"]] as const) {
    const { text, exitCode } = await said(words);
    expect({ usage: /^Usage: {2}(.*)/.exec(text)?.[1], exitCode }).toEqual({ usage, exitCode: 0 });
  }
});

async function said(words: readonly string[]): Promise<{ text: string; exitCode: number }> {
  let text = "";
  const console: Console = { out: (data) => void (text += String(data)), err: () => undefined, input: async function* () {}, readLine: () => "", isTerminal: () => false, size: () => undefined };
  const exitCode = await runCli(words, console, { HOME: "/nowhere" });
  return { text, exitCode };
}
