// berth at a terminal: whoever types there meets a container as if it were here, and gets the terminal back as it was.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { writeBaseImage } from "../support/base-image.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { runClient } from "../support/docker-cli.ts";
import { startFakeRegistry, type FakeRegistry } from "../support/fake-registry.ts";
import { poll } from "../support/poll.ts";
import { Pty, type PtyOptions } from "../support/pty.ts";

setDefaultTimeout(30_000);
let daemon: TestDaemon;
const IMAGE = "base:1";
const PROMPT = "# ";

beforeAll(async () => {
  daemon = await startDaemon();
  const tar = join(daemon.directory, "base.tar");
  writeBaseImage(daemon.directory, tar);
  await berth("import", tar, IMAGE);
}, 60_000);
afterAll(() => daemon.remove(), 60_000);

const environment = () => ({ DOCKER_HOST: daemon.host, DOCKER_CONFIG: join(daemon.directory, "config"), DOCKER_CLI_HINTS: "false" });

async function berth(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runClient(berthCommand(), args, { env: environment() });
  if (exitCode !== 0) throw new Error(`berth ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

const terminal = (args: readonly string[], options: PtyOptions = {}) => new Pty([...berthCommand(), ...args], { ...options, env: { ...environment(), ...options.env } });
const run = (...args: string[]) => terminal(["run", "--network", "none", ...args]);
const stateOf = (name: string) => berth("inspect", "-f", "{{.State.Status}}", name);

describe("run -it", () => {
  test("shows what is typed once, knows the size and its changes, ends with the shell's code", async () => {
    const pty = run("--rm", "-it", IMAGE, "sh");
    await pty.sees(PROMPT);
    pty.type("stty size\n");
    await pty.sees("30 100");
    pty.resize(77, 21);
    pty.type("until stty size | grep '21 77'; do sleep 0.05; done; exit 7\n");
    const { exitCode, restored, shown } = await pty.end();
    expect({ exitCode, restored }).toEqual({ exitCode: 7, restored: true });
    expect(shown.split("exit 7").length).toBe(2);
    expect(shown).not.toMatch(/[^\r]\n/);
  });

  test("Ctrl-C is the container's", async () => {
    const pty = run("--rm", "-it", IMAGE, "sh", "-c", "trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.05; done");
    await pty.sees("ready");
    pty.type("\x03");
    expect(await pty.end()).toMatchObject({ exitCode: 4, restored: true, shown: expect.stringContaining("caught") });
  });

  test("a signal to the client is passed on", async () => {
    const pty = run("--rm", "-it", IMAGE, "sh", "-c", "trap 'echo termed; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
    await pty.sees("ready");
    process.kill(await pty.pid(), "SIGTERM");
    expect(await pty.end()).toMatchObject({ exitCode: 5, restored: true, shown: expect.stringContaining("termed") });
  });

  test.each([["SIGTERM", 143], ["SIGQUIT", 131]] as const)("with --sig-proxy=false %s ends the client only", async (signal, code) => {
    const pty = run("-it", "--sig-proxy=false", "--name", "alone", IMAGE, "sh");
    await pty.sees(PROMPT);
    process.kill(await pty.pid(), signal);
    expect(await pty.end()).toMatchObject({ exitCode: code, restored: true });
    expect(await stateOf("alone")).toBe("running");
    await berth("rm", "-f", "alone");
  });

  test("a container that is killed gives the terminal back", async () => {
    const pty = run("--rm", "-it", "--name", "killed", IMAGE, "sh");
    await pty.sees(PROMPT);
    await berth("kill", "killed");
    expect(await pty.end()).toMatchObject({ exitCode: 137, restored: true });
  });

  test("a command that is not there, too", async () => {
    const pty = run("--rm", "-it", IMAGE, "no-such-command");
    expect(await pty.end()).toMatchObject({ exitCode: 127, restored: true, shown: expect.stringContaining("no-such-command") });
  });

  test("a daemon that is killed, too; the container runs on and can be joined again", async () => {
    const pty = run("-it", "--name", "orphan", IMAGE, "sh");
    await pty.sees(PROMPT);
    await daemon.kill9();
    const { exitCode, restored } = await pty.end();
    expect({ restored, failed: exitCode !== 0 }).toEqual({ restored: true, failed: true });
    await daemon.start();
    const again = terminal(["attach", "orphan"]);
    again.type("echo still $((40 + 2)); exit 6\n");
    expect(await again.end()).toMatchObject({ exitCode: 6, restored: true, shown: expect.stringContaining("still 42") });
    await berth("rm", "orphan");
  });
});

test("detaching: the default keys, keys of one's own, of the configuration; from run, attach and exec", async () => {
  const pty = run("-it", "--name", "left", IMAGE, "sh");
  await pty.sees(PROMPT);
  pty.type("\x10\x11");
  expect(await pty.end()).toMatchObject({ exitCode: 0, restored: true });
  expect(await stateOf("left")).toBe("running");

  const attached = terminal(["attach", "--detach-keys", "ctrl-a,x", "left"]);
  attached.type("echo $((6 * 7))\n");
  await attached.sees("42");
  attached.type("\x01x");
  expect(await attached.end()).toMatchObject({ exitCode: 1, restored: true, shown: expect.stringContaining("read escape sequence") });

  await Bun.write(join(daemon.directory, "keys/config.json"), JSON.stringify({ detachKeys: "ctrl-e,e" }));
  const configured = terminal(["exec", "-it", "left", "sh"], { env: { DOCKER_CONFIG: join(daemon.directory, "keys") } });
  await configured.sees(PROMPT);
  configured.type("\x10\x11echo stays\n");
  await configured.sees("stays\r\n");
  configured.type("\x05e");
  expect(await configured.end()).toMatchObject({ exitCode: 1, restored: true });

  const exec = terminal(["exec", "-it", "-e", "A=b", "left", "sh"]);
  await exec.sees(PROMPT);
  exec.resize(66, 33);
  exec.type("until stty size | grep '33 66'; do sleep 0.05; done; echo A is $A; exit 3\n");
  expect(await exec.end()).toMatchObject({ exitCode: 3, restored: true, shown: expect.stringContaining("A is b\r\n") });

  const last = terminal(["attach", "left"]);
  last.type("exit 9\n");
  expect(await last.end()).toMatchObject({ exitCode: 9, restored: true });
  await berth("rm", "left");
});

test("without a terminal of its own the container gets the signals and the end of input", async () => {
  const pty = run("--rm", IMAGE, "sh", "-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done");
  await pty.sees("ready");
  pty.type("\x03");
  expect(await pty.end()).toMatchObject({ exitCode: 9, restored: true, shown: expect.stringContaining("caught") });
  const cat = run("--rm", "-i", IMAGE, "cat");
  cat.type("one line\n");
  await cat.sees(/one line\r\none line\r\n/);
  cat.type("\x04");
  expect(await cat.end()).toMatchObject({ exitCode: 0, restored: true });
});

describe("Ctrl-C ends at once what only looks on", () => {
  beforeAll(async () => void (await berth("run", "-d", "--name", "talks", "--network", "none", IMAGE, "sh", "-c", "while :; do echo tick; sleep 0.1; done")));
  afterAll(async () => void (await berth("rm", "-f", "talks")));

  test.each([
    [["logs", "-f", "talks"], "tick"],
    [["stats", "talks"], /talks +\d+\.\d+%/],
    [["wait", "talks"], ""],
  ] as const)("%p", async (args, seen) => {
    const pty = terminal(args);
    await pty.sees(seen);
    await pty.pid();
    pty.type("\x03");
    expect(await pty.end()).toMatchObject({ exitCode: 130, restored: true });
    expect(await stateOf("talks")).toBe("running");
  });

  test("stats redraws in place and sees a container come", async () => {
    const pty = terminal(["stats"]);
    await pty.sees(/talks +\d+\.\d+%/);
    await berth("run", "-d", "--name", "comes", "--network", "none", IMAGE, "sleep", "1000");
    await pty.sees(/comes +\d+\.\d+%/);
    await berth("rm", "-f", "comes");
    await poll("it goes from the screen", () => !/comes/.test(pty.shown.slice(pty.shown.lastIndexOf("\x1b[H"))) && pty.shown.lastIndexOf("\x1b[J") > pty.shown.lastIndexOf("comes"));
    pty.type("\x03");
    const { exitCode, restored, shown } = await pty.end();
    expect({ exitCode, restored }).toEqual({ exitCode: 130, restored: true });
    expect(shown.split("CONTAINER ID").length).toBeGreaterThan(2);
  });

  test("events", async () => {
    const pty = terminal(["events", "--filter", "container=talks", "--format", "{{.Action}} of {{.Actor.Attributes.name}}"]);
    await pty.pid();
    const deadline = setInterval(() => void berth("kill", "-s", "WINCH", "talks").catch(() => undefined), 200);
    await pty.sees("kill of talks").finally(() => clearInterval(deadline));
    pty.type("\x03");
    expect(await pty.end()).toMatchObject({ exitCode: 130, restored: true });
  });
});

describe("questions", () => {
  test.each([["Y\n", true], ["n\n", false], ["yes\n", false], ["\x04", false], ["\x03", false]])("prune, answered %p", async (answer, removes) => {
    const volume = await berth("volume", "create");
    const pty = terminal(["volume", "prune"]);
    await pty.sees("Are you sure you want to continue? [y/N] ");
    pty.type(answer);
    expect(await pty.end()).toMatchObject({ exitCode: answer === "\x03" ? 130 : 0, restored: true });
    expect((await berth("volume", "ls", "-q")).includes(volume)).toBe(!removes);
    if (!removes) await berth("volume", "rm", volume);
  });

  test("login asks for the name aloud and for the password in silence", async () => {
    const pty = terminal(["login", "127.0.0.1:1"]);
    await pty.sees("Username: ");
    pty.type("somebody\n");
    await pty.sees("Password: ");
    pty.type("not to be seen\n");
    const { exitCode, restored, shown } = await pty.end();
    expect({ exitCode, restored }).toEqual({ exitCode: 1, restored: true });
    expect(shown).toContain("somebody");
    expect(shown).not.toContain("not to be seen");
    expect(shown).toContain("connection refused");
  });

  test.each(["\x03", "\x04", "\x1c\n"])("login, left with %p at the password, leaves the echo on", async (key) => {
    const pty = terminal(["login", "-u", "somebody", "127.0.0.1:1"]);
    await pty.sees("Password: ");
    pty.type(key);
    const { exitCode, restored } = await pty.end();
    expect({ failed: exitCode !== 0, restored }).toEqual({ failed: true, restored: true });
  });
});

describe("pull", () => {
  /** Serves half of each layer, and the rest when it is let go. */
  async function slowRegistry(): Promise<FakeRegistry & { letGo(): void }> {
    const registry = await startFakeRegistry();
    const image = registry.image("big", "1", [1, 2].map((n) => ({ files: [{ name: `file-${n}`, content: randomBytes(2_000_000) }], compression: "none" as const })));
    const held: (() => void)[] = [];
    registry.fault = (request, response, count) => {
      const layer = image.manifest.layers.find(({ digest }) => request.method === "GET" && request.url?.endsWith(digest));
      if (layer === undefined || count > 0) return false;
      const bytes = registry.bytes(layer.digest);
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": String(bytes.length) });
      response.write(bytes.subarray(0, bytes.length / 2));
      held.push(() => response.end(bytes.subarray(bytes.length / 2)));
      return true;
    };
    return Object.assign(registry, { letGo: () => held.forEach((end) => end()) });
  }

  const withoutCodes = (text: string) => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");

  test("draws a bar for each layer and a total with rate and time left, in place", async () => {
    await using registry = await slowRegistry();
    const pty = terminal(["pull", `${registry.address}/big:1`]);
    const bar = /[0-9a-f]{12}: Downloading \[=+> +\] +[\d.]+[kM]B\/2\.\d+MB/;
    await pty.sees(bar);
    await pty.sees(/Total {2}[\d.]+[kM]B\/4\.\d+MB {2}[\d.]+[kM]?B\/s {2}\d+s left/);
    pty.resize(60, 20);
    registry.letGo();
    const { exitCode, restored, shown } = await pty.end();
    expect({ exitCode, restored }).toEqual({ exitCode: 0, restored: true });
    expect(shown).toMatch(/\x1b\[\dA\r\x1b\[2K/);
    const last = withoutCodes(shown.slice(shown.lastIndexOf("\x1b[2K", shown.lastIndexOf("Pull complete") - 40)));
    expect(last).not.toContain("Total");
    expect(withoutCodes(shown).match(/[0-9a-f]{12}: Pull complete/g)?.length).toBeGreaterThanOrEqual(2);
    expect(shown).toContain("Status: Downloaded newer image for");
    await berth("rmi", `${registry.address}/big:1`);
  });

  test("Ctrl-C ends it and the daemon gives it up", async () => {
    await using registry = await slowRegistry();
    const pty = terminal(["pull", `${registry.address}/big:1`]);
    await pty.sees("Downloading");
    pty.type("\x03");
    expect(await pty.end()).toMatchObject({ exitCode: 130, restored: true });
    await poll("nobody asks the registry any more", async () => (await fetch(`http://${registry.address}/v2/`), await Bun.sleep(50), registry.seen.at(-1)?.url === "/v2/"));
    expect(await berth("images", "-q", `${registry.address}/big`)).toBe("");
  });

  test("says a line for each change of state where there is no terminal", async () => {
    await using registry = await slowRegistry();
    const pulled = berth("pull", `${registry.address}/big:1`);
    await poll("both layers are under way", () => registry.gets("/blobs/") >= 3);
    registry.letGo();
    const lines = (await pulled).split("\n");
    expect(lines.join("\n")).not.toContain("\x1b");
    expect(lines.filter((line) => /\[=|MB|Total/.test(line))).toEqual([]);
    for (const state of ["Pulling fs layer", "Download complete", "Pull complete"]) expect(lines.filter((line) => line.endsWith(`: ${state}`)).length).toBe(2);
    expect(lines.at(-1)).toBe(`${registry.address}/big:1`);
    await berth("rmi", `${registry.address}/big:1`);
  });
});
