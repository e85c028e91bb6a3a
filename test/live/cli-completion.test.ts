// Completion as a real bash at a terminal does it: what Tab makes of a line, with names from the engine.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { runClient } from "../support/docker-cli.ts";
import { poll } from "../support/poll.ts";
import { writeBaseImage } from "../support/base-image.ts";
import { pathOf } from "../support/sweep/compare-clients.ts";

setDefaultTimeout(30_000);
let daemon: TestDaemon;
let env: Record<string, string>;

beforeAll(async () => {
  daemon = await startDaemon();
  const path = pathOf(join(daemon.directory, "bin"), berthCommand(), "berth");
  env = { PATH: path, DOCKER_HOST: daemon.host, DOCKER_CONFIG: join(daemon.directory, "config"), INPUTRC: "/dev/null", HOME: daemon.directory };
  const tar = join(daemon.directory, "base.tar");
  writeBaseImage(daemon.directory, tar);
  mkdirSync(join(daemon.directory, "here"));
  const settings = ["completion-query-items 0", "page-completions off", "show-all-if-ambiguous on", "enable-bracketed-paste off"].map((setting) => `bind 'set ${setting}'\n`).join("");
  writeFileSync(join(daemon.directory, "bashrc"), `${settings}source <(berth completion bash)\nPS1='READY '\n`);
  for (const line of [`berth import '${tar}' complete/base:1`, "berth tag complete/base:1 complete/base:22", "berth create --name comp-made --network none complete/base:1 true", "berth run -d --name comp-up --network none complete/base:1 sleep 1000", "berth network create comp-net", "berth volume create comp-vol", "berth context create comp-ctx --docker host=unix:///x.sock", "echo x >here/comp-file"]) {
    const { exitCode, stderr } = await runClient(["sh", "-ec"], [line], { env, cwd: daemon.directory });
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
}, 60_000);
afterAll(() => daemon.remove(), 60_000);

/** What the line becomes when Tab is typed after it; what may come where that is not decided. */
async function completed(line: string): Promise<string> {
  let shown = "";
  const shell = Bun.spawn(["bash", "--noprofile", "--rcfile", join(daemon.directory, "bashrc"), "-i"], {
    cwd: join(daemon.directory, "here"),
    env: { ...env, TERM: "dumb" },
    terminal: { cols: 200, rows: 50, data: (_terminal, bytes) => void (shown += Buffer.from(bytes).toString()) },
  });
  await poll("bash is ready", () => shown.includes("READY "));
  // the line is taken to its start, made the argument of a command that does nothing, and told by the history
  for (const text of [`${line}\t`, "\x01: '\x05'; printf 'LINE<%s>\\n' \"$(history 1 | sed \"s/^ *[0-9]* *: '//; s/'; printf.*//\")\"; exit\n"]) shell.terminal!.write(text);
  await shell.exited;
  shell.terminal!.close();
  const result = /LINE<(.*)>\r?\n/.exec(shown.slice(shown.lastIndexOf("\nLINE<")));
  if (result === null) throw new Error(`no line came back: ${JSON.stringify(shown)}`);
  const offered = shown.slice(shown.indexOf("READY "), shown.indexOf(": '")).split(/\r?\n/).slice(1, -1).join(" ").trim();
  return offered === "" ? result[1]! : `${result[1]} → ${offered.split(/\s+/).join(" ")}`;
}

test.each([
  ["berth vers", "berth version "],
  ["berth network dis", "berth network disconnect "],
  ["berth rmi comp", "berth rmi complete/base: → complete/base:1 complete/base:22"],
  ["berth rmi complete/base:2", "berth rmi complete/base:22 "],
  ["berth run --network comp", "berth run --network comp-net "],
  ["berth run --network=comp", "berth run --network=comp-net "],
  ["berth run --rm -it complete/base:2", "berth run --rm -it complete/base:22 "],
  ["berth stop comp", "berth stop comp-up "],
  ["berth start comp", "berth start comp-made "],
  ["berth rm comp", "berth rm comp- → comp-made comp-up"],
  ["berth rm comp-up comp", "berth rm comp-up comp-made "],
  ["berth volume rm comp", "berth volume rm comp-vol "],
  ["berth context use comp", "berth context use comp-ctx "],
  ["berth inspect comp-v", "berth inspect comp-vol "],
  ["berth run --entry", "berth run --entrypoint "],
  ["berth run --restart un", "berth run --restart unless-stopped "],
  ["berth load -i comp", "berth load -i comp-file "],
  ["berth exec comp-up comp", "berth exec comp-up comp-file "],
  ["berth no-such-command x", "berth no-such-command x"],
])("%p becomes %p", async (line, expected) => {
  expect(await completed(line)).toBe(expected);
});

test("names come from the daemon that the line names", async () => {
  const lines = async (host: string) => (await runClient(berthCommand(), ["__complete", "--", "-H", host, "stop", ""], { env: { ...env, DOCKER_HOST: "unix:///nowhere.sock" } })).stdout;
  expect(await lines(daemon.host)).toContain("comp-up\tUp");
  expect(await lines("unix:///nowhere.sock")).toBe("");
});

test("the scripts of zsh and fish ask the same question", async () => {
  for (const shell of ["zsh", "fish"]) expect((await runClient(berthCommand(), ["completion", shell], { env })).stdout).toContain("__complete --");
});
