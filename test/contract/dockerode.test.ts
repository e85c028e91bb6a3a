// dockerode, unchanged, drives the whole life of images, containers, networks and volumes. CONTRACT_SOCKET: against another engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PassThrough, type Readable } from "node:stream";
import Docker from "dockerode";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { type EngineUnderTest, openEngine, uniqueName } from "./engine-under-test.ts";
import { importBase } from "./imported-image.ts";

let engine: EngineUnderTest;
let docker: Docker;
const image = `${uniqueName("image")}:1`;

beforeAll(async () => {
  if (!isRoot) return;
  engine = await openEngine();
  docker = new Docker({ socketPath: engine.socket });
  await importBase(engine.socket, { repo: image.split(":")[0] as string, tag: "1", changes: ["CMD [\"sh\"]", "ENV FROM=image", "LABEL made=here"] });
}, 120_000);
afterAll(async () => {
  await docker?.getImage(image).remove({ force: true }).catch(() => undefined);
  await engine?.[Symbol.asyncDispose]();
}, 120_000);

/** Everything up to the stream's end. */
async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as Readable) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

/** Of a stream with both outputs in frames, by dockerode's own parser. */
async function demuxed(stream: NodeJS.ReadableStream): Promise<{ out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  stream.on("end", () => (out.end(), err.end()));
  stream.on("close", () => (out.end(), err.end()));
  const [outText, errText] = await Promise.all([textOf(out), textOf(err)]);
  return { out: outText, err: errText };
}

async function withContainer<T>(options: Docker.ContainerCreateOptions, use: (container: Docker.Container) => Promise<T>): Promise<T> {
  const container = await docker.createContainer({ Image: image, HostConfig: { NetworkMode: "none" }, ...options });
  try {
    return await use(container);
  } finally {
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

interface DockerError extends Error {
  statusCode: number;
  json?: { message: string };
}

async function failure(promise: Promise<unknown>): Promise<DockerError> {
  return promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: unknown) => error as DockerError,
  );
}

describe.skipIf(!isRoot)("dockerode: containers", () => {
  test("docker.run attaches, starts, waits and gives the code", async () => {
    const output = new PassThrough();
    const collected = textOf(output);
    // it ends the output when the streams have ended, which may be after the answer to its wait
    const [result, container] = (await docker.run(image, ["sh", "-c", "echo hello $FROM; exit 3"], output, { HostConfig: { NetworkMode: "none" }, Tty: true })) as [{ StatusCode: number }, Docker.Container];
    expect(result.StatusCode).toBe(3);
    expect(await collected).toContain("hello image");
    await container.remove();
  });

  test("attach with stdin: what goes in comes out, half-close ends the process, both outputs are told apart", async () => {
    await withContainer({ Cmd: ["sh", "-c", "cat; echo done >&2"], OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true }, async (container) => {
      const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
      const collected = demuxed(stream);
      await container.start();
      stream.write("one\n");
      stream.write("two\n");
      stream.end();
      expect(await collected).toEqual({ out: "one\ntwo\n", err: "done\n" });
      expect(await container.wait()).toMatchObject({ StatusCode: 0 });
    });
  });

  test("exec with frames and with a terminal, resized while it runs, and inspected", async () => {
    await withContainer({ Cmd: ["sleep", "600"] }, async (container) => {
      await container.start();
      const plain = await container.exec({ Cmd: ["sh", "-c", "echo $WORD; pwd; echo bad >&2; exit 4"], AttachStdout: true, AttachStderr: true, Env: ["WORD=given"], WorkingDir: "/srv" });
      expect(await demuxed(await plain.start({ hijack: true }))).toEqual({ out: "given\n/srv\n", err: "bad\n" });
      await poll("the exec has ended", async () => !(await plain.inspect()).Running);
      expect(await plain.inspect()).toMatchObject({ ExitCode: 4, Running: false, ContainerID: container.id, ProcessConfig: { entrypoint: "sh", tty: false } });
      const terminal = await container.exec({ Cmd: ["sh", "-c", "read line; stty size; tty >/dev/null && echo terminal $line"], AttachStdin: true, AttachStdout: true, Tty: true });
      const stream = await terminal.start({ hijack: true, stdin: true, Tty: true });
      const collected = textOf(stream);
      await poll("it runs", async () => (await terminal.inspect()).Running);
      await terminal.resize({ h: 33, w: 77 });
      stream.write("typed\n");
      const text = await collected;
      expect(text).toContain("33 77\r\n");
      expect(text).toContain("terminal typed\r\n");
    });
  });

  test("exec with stdin closed by the client", async () => {
    await withContainer({ Cmd: ["sleep", "600"] }, async (container) => {
      await container.start();
      const exec = await container.exec({ Cmd: ["wc", "-c"], AttachStdin: true, AttachStdout: true });
      const stream = await exec.start({ hijack: true, stdin: true });
      stream.write("x".repeat(100_000));
      stream.end();
      expect((await demuxed(stream)).out.trim()).toBe("100000");
    });
  });

  test("logs followed to the end, with timestamps, by tail and since", async () => {
    await withContainer({ Cmd: ["sh", "-c", "echo a; echo b >&2; read wait; echo c"], OpenStdin: true }, async (container) => {
      await container.start();
      const followed = demuxed(await container.logs({ follow: true, stdout: true, stderr: true }));
      // the two outputs come by two pipes: what follows waits until both are in the log
      await poll("the first lines are in the log", async () => String(await container.logs({ stdout: true, stderr: true, follow: false })).includes("b\n"));
      const stdin = await container.attach({ stream: true, hijack: true, stdin: true });
      stdin.write("go\n");
      expect(await followed).toEqual({ out: "a\nc\n", err: "b\n" });
      const stamped = await container.logs({ stdout: true, timestamps: true, follow: false });
      expect(stamped.toString()).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z a\n/);
      const last = (await container.logs({ stdout: true, stderr: true, tail: 1, follow: false })) as unknown as Buffer;
      expect(last.subarray(8).toString()).toBe("c\n");
      expect(((await container.logs({ stdout: true, since: Math.floor(Date.now() / 1000) + 100, follow: false })) as unknown as Buffer).length).toBe(0);
    });
  });

  test("stats once and as a stream, top", async () => {
    await withContainer({ Cmd: ["sleep", "600"], HostConfig: { NetworkMode: "none", Memory: 64 * 1024 * 1024 } }, async (container) => {
      await container.start();
      const once = await container.stats({ stream: false, "one-shot": true });
      expect(once.memory_stats.limit).toBe(64 * 1024 * 1024);
      expect(once.pids_stats?.current).toBe(1);
      const stream = (await container.stats({ stream: true })) as unknown as Readable;
      const samples: Record<string, unknown>[] = [];
      for await (const chunk of stream) {
        for (const line of String(chunk).trim().split("\n")) samples.push(JSON.parse(line) as Record<string, unknown>);
        if (samples.length >= 2) break;
      }
      expect(samples[0]).toHaveProperty("cpu_stats.cpu_usage.total_usage");
      const { Titles, Processes } = (await container.top({ ps_args: "-eo pid,args" })) as { Titles: string[]; Processes: string[][] };
      expect(Titles).toEqual(["PID", "COMMAND"]);
      expect(Processes.map(([, command]) => command)).toEqual(["sleep 600"]);
    });
  });

  test("wait for not-running, next-exit and removed", async () => {
    const container = await docker.createContainer({ Image: image, Cmd: ["sh", "-c", "read line; exit 5"], OpenStdin: true, HostConfig: { NetworkMode: "none", AutoRemove: true } });
    expect(await container.wait()).toEqual({ StatusCode: 0 });
    const nextExit = container.wait({ condition: "next-exit" });
    const removed = container.wait({ condition: "removed" });
    // both requests are at the engine before the container ends: it waits for a line
    await container.start();
    const stdin = await container.attach({ stream: true, hijack: true, stdin: true });
    stdin.write("\n");
    expect(await nextExit).toEqual({ StatusCode: 5 });
    expect(await removed).toEqual({ StatusCode: 5 });
    expect((await failure(container.inspect())).statusCode).toBe(404);
  });

  test("pause, unpause, rename, update, restart, kill, changes, archive, export", async () => {
    await withContainer({ Cmd: ["sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done"], name: uniqueName("life") }, async (container) => {
      await container.start();
      await container.pause();
      expect((await container.inspect()).State).toMatchObject({ Status: "paused", Paused: true, Running: true });
      await container.unpause();
      const name = uniqueName("renamed");
      await container.rename({ name });
      expect((await container.inspect()).Name).toBe(`/${name}`);
      expect(await container.update({ Memory: 50_000_000, MemorySwap: 100_000_000 })).toEqual({ Warnings: null });
      expect((await container.inspect()).HostConfig.Memory).toBe(50_000_000);
      await container.restart({ t: 0 });
      const tar = await textOf(await container.getArchive({ path: "/etc/passwd" }));
      expect(tar).toContain("user:x:1000:1000");
      await container.putArchive(Buffer.from(tarOf("put.txt", "put there")), { path: "/srv" });
      expect(await container.changes()).toEqual([{ Path: "/srv", Kind: 0 }, { Path: "/srv/put.txt", Kind: 1 }]);
      expect(await textOf(await container.export())).toContain("put there");
      await container.kill({ signal: "SIGTERM" });
      expect(await container.wait()).toMatchObject({ StatusCode: 7 });
    });
  });

  test("list with filters and sizes, prune", async () => {
    const label = uniqueName("label");
    await withContainer({ Cmd: ["true"], Labels: { [label]: "x" } }, async (container) => {
      const found = await docker.listContainers({ all: true, filters: { label: [`${label}=x`] } });
      expect(found.map(({ Id, State, Image }) => ({ Id, State, Image }))).toEqual([{ Id: container.id, State: "created", Image: image }]);
      expect(await docker.listContainers({ filters: { label: [label] } })).toEqual([]);
      expect(await docker.pruneContainers({ filters: { label: [label] } })).toEqual({ ContainersDeleted: [container.id], SpaceReclaimed: expect.any(Number) });
    });
  });
});

/** A tar of one file. */
function tarOf(name: string, content: string): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("14524770400\0", 136);
  header.write("        0", 148);
  header.write("ustar\0", 257);
  header.write("00", 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const data = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  data.write(content);
  return Buffer.concat([header, data, Buffer.alloc(1024)]);
}
