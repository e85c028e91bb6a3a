// Bad input: each with Docker's text and code, and nothing half made is left. CONTRACT_SOCKET: the texts against another engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { berthCommand } from "../support/daemon.ts";
import { hasDockerClient, runClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { type EngineUnderTest, openEngine, uniqueName } from "./engine-under-test.ts";
import { importBase } from "./imported-image.ts";
import { cgroupParent, removeCgroupParent } from "../support/machine-traces.ts";
import { type Traces, tracesAtRest, tracesOf } from "./traces.ts";

let engine: EngineUnderTest;
const repo = uniqueName("bad");
const image = `${repo}:1`;

beforeAll(async () => {
  if (!isRoot) return;
  engine = await openEngine();
  await importBase(engine.socket, { repo, tag: "1", changes: ['CMD ["true"]'] });
  // what the first container brings for good (a spare shim, the bridge) is not what is counted
  const first = await created({ Cmd: ["sleep", "600"] });
  await engine.call("POST", `/containers/${first}/start`);
  // what is to be found gone is found while it is there
  if (engine.daemon !== undefined) {
    const { cgroups, ...others } = (await tracesOf(engine.daemon)).machine;
    expect(others).toMatchObject({ interfaces: 1, namespaces: 1, containerProcesses: 1, entries: { containers: 1, rw: 1, bundles: 1 } });
    expect(cgroups).toBeGreaterThan(0);
  }
  await engine.call("DELETE", `/containers/${first}?force=1`);
}, 120_000);
afterAll(async () => {
  await engine?.call("DELETE", `/images/${image}?force=1`).catch(() => undefined);
  await engine?.[Symbol.asyncDispose]();
  if (engine?.daemon !== undefined) removeCgroupParent(engine.daemon);
}, 120_000);

async function created(body: Readonly<Record<string, unknown>> & { HostConfig?: object }, name = ""): Promise<string> {
  const HostConfig = { ...(engine.daemon === undefined ? {} : { CgroupParent: cgroupParent(engine.daemon) }), ...body.HostConfig };
  const answer = await engine.call("POST", `/containers/create?name=${name}`, { Image: image, ...body, HostConfig });
  if (answer.status !== 201) throw new Error(answer.text);
  return (answer.json() as { Id: string }).Id;
}

async function messageOf(method: string, path: string, body?: unknown): Promise<[status: number, message: string]> {
  const answer = await engine.call(method, path, body);
  return [answer.status, (answer.json() as { message: string }).message];
}

/** Does it, and waits until everything is as before: rows, directories, mounts, namespaces, interfaces, cgroups, processes. */
async function leavesNothing(act: () => Promise<void>): Promise<void> {
  const { daemon } = engine;
  const before = daemon === undefined ? undefined : await tracesAtRest(daemon);
  await act();
  if (daemon === undefined) return;
  let now: Traces | undefined;
  await poll("nothing is left", async () => Bun.deepEquals((now = await tracesOf(daemon)), before), 30_000).catch(() => undefined);
  expect(now).toEqual(before as Traces);
}

describe.skipIf(!isRoot)("bad input: create", () => {
  const id64 = "f".repeat(64);
  const cases: readonly (readonly [what: string, body: object, status: number, message: string | RegExp])[] = [
    ["missing image", { Image: "missing-one" }, 404, "No such image: missing-one:latest"],
    ["missing image by id", { Image: id64 }, 404, `No such image: sha256:${id64}`],
    ["bad reference", { Image: "UPPER/case" }, 404, "No such image: UPPER/case:latest"],
    ["bad reference with two tags", { Image: "a:b:c" }, 400, "invalid reference format"],
    ["runtime that is not installed", { HostConfig: { Runtime: "nope" } }, 400, "unknown or invalid runtime name: nope"],
    ["bad environment", { Env: ["=x"] }, 400, "invalid environment variable: =x"],
    ["bad mount", { HostConfig: { Binds: ["relative:/x:ro:zz:y"] } }, 500, "invalid volume specification: 'relative:/x:ro:zz:y'"],
    ["missing bind source", { HostConfig: { Mounts: [{ Type: "bind", Source: "/no/such/place", Target: "/x" }] } }, 400, 'invalid mount config for type "bind": bind source path does not exist: /no/such/place'],
    ["too little memory", { HostConfig: { Memory: 1000 } }, 400, "Minimum memory limit allowed is 6MB"],
    ["unknown capability", { HostConfig: { CapAdd: ["NOPE"] } }, 400, 'invalid CapAdd: unknown capability: "CAP_NOPE"'],
    ["bad restart policy", { HostConfig: { RestartPolicy: { Name: "sometimes" } } }, 400, /^invalid restart policy: unknown policy 'sometimes'/],
    ["bad signal", { StopSignal: "SIGNOPE" }, 400, "invalid signal: SIGNOPE"],
    ["wrong type", { Cmd: 3 }, 400, /^invalid JSON: json: cannot unmarshal number into Go/],
  ];
  for (const [what, body, status, message] of cases) {
    test(what, () =>
      leavesNothing(async () => {
        const answer = await messageOf("POST", "/containers/create", { Image: image, ...body });
        expect(answer).toEqual([status, typeof message === "string" ? message : expect.stringMatching(message)]);
      }));
  }

  test("name taken", () =>
    leavesNothing(async () => {
      const name = uniqueName("taken");
      const id = await created({}, name);
      expect(await messageOf("POST", `/containers/create?name=${name}`, { Image: image })).toEqual([409, `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`]);
      await engine.call("DELETE", `/containers/${id}`);
    }));

  test("bad name", () =>
    leavesNothing(async () => {
      expect(await messageOf("POST", "/containers/create?name=%2B", { Image: image })).toEqual([400, "Invalid container name (+), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"]);
    }));
});

describe.skipIf(!isRoot)("bad input: start", () => {
  const cases: readonly (readonly [what: string, body: Record<string, unknown>, exitCode: number, message: RegExp])[] = [
    ["no such command", { Cmd: ["no-such-command"] }, 127, /^failed to create task for container: failed to create shim task: OCI runtime create failed: .*exec: "no-such-command": executable file not found in \$PATH/],
    ["not executable", { Cmd: ["/etc/passwd"] }, 126, /^failed to create task for container: .*\/etc\/passwd.*permission denied/i],
    ["a directory", { Cmd: ["/etc"] }, 126, /^failed to create task for container: .*(is a directory|permission denied)/i],
  ];
  for (const [what, body, exitCode, message] of cases) {
    test(what, () =>
      leavesNothing(async () => {
        const id = await created(body);
        expect(await messageOf("POST", `/containers/${id}/start`)).toEqual([400, expect.stringMatching(message)]);
        expect((await engine.call("GET", `/containers/${id}/json`)).json()).toMatchObject({ State: { Status: "created", ExitCode: exitCode, Running: false, Error: expect.stringMatching(message) } });
        await engine.call("DELETE", `/containers/${id}`);
      }));
  }

  test("port taken", () =>
    leavesNothing(async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const name = uniqueName("port");
        const id = await created({ ExposedPorts: { "80/tcp": {} }, HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] } } }, name);
        const pattern = new RegExp(`^failed to set up container networking: driver failed programming external connectivity on endpoint ${name} \\([0-9a-f]{64}\\): failed to bind host port (for )?127\\.0\\.0\\.1:${port}[:/].*address already in use`);
        expect(await messageOf("POST", `/containers/${id}/start`)).toEqual([500, expect.stringMatching(pattern)]);
        expect((await engine.call("GET", `/containers/${id}/json`)).json()).toMatchObject({ State: { Status: "created", ExitCode: 128 } });
        await engine.call("DELETE", `/containers/${id}`);
      } finally {
        server.close();
      }
    }));
});

async function bytesOf(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: engine.socket, path }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => resolve(Buffer.concat(chunks)));
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

describe.skipIf(!isRoot)("bad input: archives", () => {
  const refused = async (path: string, bytes: Uint8Array): Promise<void> => {
    const { status, text } = await engine.call("POST", path, bytes);
    // an error before the first message has a status, a later one travels in the stream
    expect(status >= 400 || text.includes('"error"') ? "refused" : text).toBe("refused");
    expect(text).not.toMatch(/\n\s+at /);
  };

  test("garbage is not loaded", () => leavesNothing(() => refused("/images/load?quiet=1", Buffer.from("this is no tar".repeat(1000)))));

  test("a saved image is not loaded when it is cut anywhere", () =>
    leavesNothing(async () => {
      const container = await created({ Cmd: ["sh", "-c", "head -c 300000 /dev/urandom > /srv/noise"], HostConfig: { NetworkMode: "none" } });
      await engine.call("POST", `/containers/${container}/start`);
      await engine.call("POST", `/containers/${container}/wait`);
      const name = uniqueName("cut");
      await engine.call("POST", `/commit?container=${container}&repo=${name}&tag=1`);
      await engine.call("DELETE", `/containers/${container}`);
      const whole = await bytesOf(`/images/${name}:1/get`);
      await engine.call("DELETE", `/images/${name}:1`);
      for (const part of [0.1, 0.5, 0.9]) await refused("/images/load?quiet=1", whole.subarray(0, Math.floor(whole.length * part)));
      // a layer with one byte changed is not what its digest says
      const changed = Buffer.from(whole);
      const noise = changed.indexOf("srv/noise");
      expect(noise).toBeGreaterThan(0);
      changed[noise + 2048] = (changed[noise + 2048] ?? 0) ^ 0xff;
      await refused("/images/load?quiet=1", changed);
    }));

  test("a truncated root file system is not imported", () =>
    leavesNothing(async () => {
      const container = await created({});
      const whole = await bytesOf(`/containers/${container}/export`);
      await engine.call("DELETE", `/containers/${container}`);
      await refused(`/images/create?fromSrc=-&repo=${uniqueName("half")}`, whole.subarray(0, Math.floor(whole.length / 5)));
      await refused(`/images/create?fromSrc=-&repo=${uniqueName("garbage")}`, Buffer.from("this is no tar".repeat(1000)));
    }));
});

/** As both command lines say it, with `docker` for the program's name. */
const CLIENTS = [["berth", berthCommand()], ...(hasDockerClient() ? [["docker", ["docker"]] as const] : [])] as const;

describe.skipIf(!isRoot)("bad input: the command lines", () => {
  const help = (command: string): string => `Run 'docker ${command} --help' for more information`;
  type Case = readonly [what: string, args: readonly string[], exitCode: number, stderr: string | RegExp];
  const cases: readonly Case[] = [
    ["unknown flag", ["run", "--nope", "IMAGE"], 125, /^unknown flag: --nope\n\nUsage: {2}docker run /],
    ["unknown flag of a command", ["ps", "--nope"], 125, /^unknown flag: --nope\n/],
    ["unknown command", ["nope"], 1, /^docker: unknown command: docker nope\n\nRun 'docker --help' for more information\n/],
    ["too few words", ["run"], 1, /^docker: 'docker run' requires at least 1 argument\n\nUsage: {2}docker run /],
    ["bad value of a flag", ["run", "-m", "much", "IMAGE"], 125, /^invalid argument "much" for "-m, --memory" flag: invalid size: 'much'\n/],
    ["missing image", ["run", "--rm", "--pull", "never", "missing-one"], 125, `docker: Error response from daemon: No such image: missing-one:latest\n\n${help("run")}\n`],
    ["bad reference", ["run", "--rm", "library/UPPER"], 125, `docker: invalid reference format: repository name (library/UPPER) must be lowercase\n\n${help("run")}\n`],
    ["bad reference to pull", ["pull", "a:b:c"], 1, "invalid reference format\n"],
    ["runtime that is not installed", ["run", "--rm", "--runtime", "nope", "IMAGE"], 125, `docker: Error response from daemon: unknown or invalid runtime name: nope\n\n${help("run")}\n`],
    ["no such command", ["run", "--rm", "--network", "none", "IMAGE", "no-such-command"], 127, /^docker: Error response from daemon: failed to create task for container: .*exec: "no-such-command": executable file not found in \$PATH/],
    ["not executable", ["run", "--rm", "--network", "none", "IMAGE", "/etc/passwd"], 126, /^docker: Error response from daemon: failed to create task for container: .*permission denied/],
    ["no such network", ["run", "--rm", "--network", "nowhere", "IMAGE"], 125, new RegExp(`^docker: Error response from daemon: failed to set up container networking: network nowhere not found\\n`)],
    ["the container's own code", ["run", "--rm", "--network", "none", "IMAGE", "sh", "-c", "echo mine >&2; exit 42"], 42, "mine\n"],
    ["name taken", ["run", "--rm", "--name", "TAKEN", "IMAGE"], 125, /^docker: Error response from daemon: Conflict\. The container name "\/TAKEN" is already in use by container "[0-9a-f]{64}"\. You have to remove \(or rename\) that container to be able to reuse that name\.\n/],
    ["port taken", ["run", "--rm", "-p", "127.0.0.1:PORT:80", "IMAGE"], 125, /^docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint \S+ \([0-9a-f]{64}\): failed to bind host port (?:for )?127\.0\.0\.1:PORT[:/].*address already in use/],
    ["an archive that is none", ["load", "-i", "GARBAGE"], 1, /^Error response from daemon: |^open .*manifest\.json|archive\/tar: invalid tar header|unexpected EOF/],
    ["an archive that is not there", ["load", "-i", "/no/such/archive"], 1, "open /no/such/archive: no such file or directory\n"],
    ["missing container", ["start", "missing-one"], 1, "Error response from daemon: No such container: missing-one\nError: failed to start containers: missing-one\n"],
    ["removal of what runs", ["rm", "TAKEN"], 1, /^Error response from daemon: cannot remove container "TAKEN": container is running: stop the container before removing or force remove\n/],
    ["an image in use", ["rmi", "IMAGE"], 1, /^Error response from daemon: conflict: unable to remove repository reference "IMAGE" \(must force\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}\n/],
  ];
  const taken = uniqueName("holds");
  const server = createServer();
  let garbage = "";
  beforeAll(async () => {
    if (!isRoot) return;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    garbage = join(mkdtempSync(join(tmpdir(), "berth-bad-")), "garbage.tar");
    writeFileSync(garbage, "this is no tar".repeat(1000));
    const id = await created({ Cmd: ["sleep", "600"], HostConfig: { NetworkMode: "none" } }, taken);
    await engine.call("POST", `/containers/${id}/start`);
  });
  afterAll(async () => {
    server.close();
    await engine?.call("DELETE", `/containers/${taken}?force=1`);
    if (garbage !== "") rmSync(dirname(garbage), { recursive: true, force: true });
  });

  for (const [name, command] of CLIENTS) {
    test(`${name}: ${cases.length} ways to do it wrong`, () =>
      leavesNothing(async () => {
        const port = String((server.address() as AddressInfo).port);
        const fill = (word: string): string => word.replace("IMAGE", image).replace("TAKEN", taken).replace("PORT", port).replace("GARBAGE", garbage);
        const answers = await Promise.all(
          cases.map(async ([what, args]) => {
            const { exitCode, stderr } = await runClient(command, args.map(fill), { env: { DOCKER_HOST: `unix://${engine.socket}` } });
            return { what, exitCode, stderr: stderr.replaceAll(/\bberth\b/g, "docker").replaceAll(image, "IMAGE").replaceAll(taken, "TAKEN").replaceAll(port, "PORT") };
          }),
        );
        const wrong = answers.filter(({ exitCode, stderr }, index) => {
          const [, , wantedCode, wanted] = cases[index] as Case;
          return exitCode !== wantedCode || !(typeof wanted === "string" ? stderr === wanted : wanted.test(stderr));
        });
        expect(wrong).toEqual([]);
      }));
  }
});
