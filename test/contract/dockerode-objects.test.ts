// dockerode, unchanged, with images, networks, volumes, events and the system; and what its errors say. CONTRACT_SOCKET: against another engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Readable } from "node:stream";
import Docker from "dockerode";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { type EngineUnderTest, openEngine, uniqueName } from "./engine-under-test.ts";
import { importBase } from "./imported-image.ts";

let engine: EngineUnderTest;
let docker: Docker;
const repo = uniqueName("objects");
const image = `${repo}:1`;
let imageId: string;

beforeAll(async () => {
  if (!isRoot) return;
  engine = await openEngine();
  docker = new Docker({ socketPath: engine.socket });
  imageId = await importBase(engine.socket, { repo, tag: "1", changes: ["CMD [\"true\"]"] });
}, 120_000);
afterAll(async () => {
  await docker?.getImage(image).remove({ force: true }).catch(() => undefined);
  await engine?.[Symbol.asyncDispose]();
}, 120_000);

interface DockerError extends Error {
  statusCode: number;
  reason?: string;
  json?: { message: string };
}

async function failure(promise: Promise<unknown>): Promise<[code: number, message: string | undefined]> {
  return promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: unknown) => [(error as DockerError).statusCode, (error as DockerError).json?.message],
  );
}

/** The JSON lines of a progress stream, as dockerode's own follower reads them. */
function progressOf(stream: NodeJS.ReadableStream): Promise<{ stream?: string; status?: string }[]> {
  return new Promise((resolve, reject) => docker.modem.followProgress(stream, (error, lines) => (error === null ? resolve(lines as { stream?: string }[]) : reject(error))));
}

describe.skipIf(!isRoot)("dockerode: images", () => {
  test("inspect, list, history, tag and untag", async () => {
    expect(await docker.getImage(image).inspect()).toMatchObject({ Id: imageId, RepoTags: [image], Os: "linux", RootFS: { Type: "layers" } });
    const other = uniqueName("tagged");
    await docker.getImage(image).tag({ repo: other, tag: "v2" });
    const found = await docker.listImages({ filters: JSON.stringify({ reference: [`${other}:v2`] }) });
    expect(found.map(({ Id, RepoTags }) => ({ Id, RepoTags }))).toEqual([{ Id: imageId, RepoTags: [`${other}:v2`] }]);
    expect(((await docker.getImage(image).history()) as object[])[0]).toMatchObject({ Id: imageId });
    expect(await docker.getImage(`${other}:v2`).remove()).toEqual([{ Untagged: `${other}:v2` }]);
  });

  test("saved, removed, loaded again under the same id", async () => {
    const name = `${uniqueName("saved")}:1`;
    const container = await docker.createContainer({ Image: image, Cmd: ["true"], HostConfig: { NetworkMode: "none" } });
    const { Id } = (await container.commit({ repo: name.split(":")[0], tag: "1", comment: "kept", changes: "LABEL of=commit" })) as { Id: string };
    await container.remove();
    const committed = await docker.getImage(name).inspect();
    expect(committed).toMatchObject({ Id, Comment: "kept", Config: { Labels: { of: "commit" } } });
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await docker.getImage(name).get()) as Readable) chunks.push(chunk as Uint8Array);
    expect(await docker.getImage(name).remove()).toContainEqual({ Deleted: Id });
    const lines = await progressOf(await docker.loadImage(Readable.from([Buffer.concat(chunks)]), { quiet: true }));
    expect(lines.map(({ stream }) => stream).join("")).toContain(`Loaded image: ${name}`);
    expect((await docker.getImage(name).inspect()).Id).toBe(Id);
    await docker.getImage(name).remove();
  });

  test("imported from a stream, pruned by label", async () => {
    const label = uniqueName("prune");
    const container = await docker.createContainer({ Image: image, HostConfig: { NetworkMode: "none" } });
    const { Id } = (await container.commit({ changes: `LABEL ${label}=1` })) as { Id: string };
    await container.remove();
    const pruned = await docker.pruneImages({ filters: { label: [label] } });
    expect(pruned.ImagesDeleted?.[0]).toEqual({ Deleted: Id } as never);
  });
});

describe.skipIf(!isRoot)("dockerode: networks and volumes", () => {
  test("a network with two containers that find each other by name and by alias", async () => {
    const network = await docker.createNetwork({ Name: uniqueName("net"), Labels: { of: "test" }, CheckDuplicate: true } as Docker.NetworkCreateOptions);
    const [server, client] = await Promise.all(
      [["sh", "-c", "echo served > /srv/index.html; httpd -f -p 80 -h /srv"], ["sleep", "600"]].map((Cmd) => docker.createContainer({ Image: image, Cmd })),
    );
    try {
      await network.connect({ Container: server?.id, EndpointConfig: { Aliases: ["web"] } });
      await network.connect({ Container: client?.id });
      await Promise.all([server?.start(), client?.start()]);
      const seen = (await network.inspect()) as { Containers: Record<string, { IPv4Address: string }> };
      expect(Object.keys(seen.Containers).toSorted()).toEqual([server?.id ?? "", client?.id ?? ""].toSorted());
      const run = await client?.exec({ Cmd: ["sh", "-c", "until wget -qO- http://web/; do sleep 0.1; done"], AttachStdout: true, Tty: true });
      const stream = await run?.start({ Tty: true });
      let text = "";
      for await (const chunk of stream as unknown as Readable) text += String(chunk);
      expect(text).toContain("served");
      expect((await failure(network.remove()))[0]).toBe(403);
      await network.disconnect({ Container: server?.id, Force: true });
    } finally {
      await Promise.all([server?.remove({ force: true }), client?.remove({ force: true })]);
      await network.remove();
    }
    expect(await failure(network.inspect())).toEqual([404, `network ${network.id} not found`]);
  });

  test("a volume keeps what a container wrote and is not removed while one has it", async () => {
    const name = uniqueName("volume");
    const volume = await docker.createVolume({ Name: name, Labels: { of: name } });
    expect(await volume.inspect()).toMatchObject({ Driver: "local", Labels: { of: name }, Scope: "local" });
    const container = await docker.createContainer({ Image: image, Cmd: ["sh", "-c", "echo kept > /data/file"], HostConfig: { NetworkMode: "none", Binds: [`${name}:/data`] } });
    await container.start();
    await container.wait();
    expect(await failure(docker.getVolume(name).remove())).toEqual([409, `remove ${name}: volume is in use - [${container.id}]`]);
    expect((await docker.listVolumes({ filters: JSON.stringify({ name: [name] }) })).Volumes.map(({ Name }) => Name)).toEqual([name]);
    await container.remove();
    expect(await docker.pruneVolumes({ filters: JSON.stringify({ all: ["1"], label: [`of=${name}`] }) } as never)).toMatchObject({ VolumesDeleted: [name], SpaceReclaimed: 5 });
    expect(await failure(docker.getVolume(name).inspect())).toEqual([404, `get ${name}: no such volume`]);
  });
});

describe.skipIf(!isRoot)("dockerode: the system", () => {
  test("ping, version, info, df", async () => {
    expect((await docker.ping()).toString()).toBe("OK");
    expect(await docker.version()).toMatchObject({ ApiVersion: "1.51", MinAPIVersion: "1.24", Os: "linux" });
    expect(await docker.info()).toMatchObject({ OSType: "linux", Driver: expect.stringMatching(/^overlay/), Swarm: { LocalNodeState: "inactive" } });
    const usage = (await docker.df()) as { Images: { Id: string }[]; LayersSize: number };
    expect(usage.Images.map(({ Id }) => Id)).toContain(imageId);
    expect(usage.LayersSize).toBeGreaterThan(0);
  });

  test("events of one container, in order, as they happen and again afterwards", async () => {
    const label = uniqueName("events");
    const filters = JSON.stringify({ label: [label], type: ["container"] });
    const stream = (await docker.getEvents({ filters })) as unknown as Readable;
    const live: string[] = [];
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      live.splice(0, live.length, ...text.split("\n").filter(Boolean).map((line) => (JSON.parse(line) as { Action: string }).Action));
    });
    const since = Math.floor(Date.now() / 1000) - 1;
    const container = await docker.createContainer({ Image: image, Cmd: ["sleep", "600"], Labels: { [label]: "" }, HostConfig: { NetworkMode: "none" } });
    await container.start();
    await container.kill();
    await container.wait();
    await container.remove();
    const expected = ["create", "start", "kill", "die", "destroy"];
    await poll("the events have come", () => live.length >= expected.length);
    stream.destroy();
    expect(live).toEqual(expected);
    const replayed = (await docker.getEvents({ filters, since, until: Math.floor(Date.now() / 1000) + 1 })) as unknown as Readable;
    let again = "";
    for await (const chunk of replayed) again += String(chunk);
    expect(again.trim().split("\n").map((line) => (JSON.parse(line) as { Action: string }).Action)).toEqual(expected);
  });

  test("what is wrong comes as the right code with Docker's words", async () => {
    const taken = uniqueName("taken");
    const container = await docker.createContainer({ Image: image, Cmd: ["true"], name: taken, HostConfig: { NetworkMode: "none" } });
    const missing = docker.getContainer("missing-one");
    expect(await failure(missing.inspect())).toEqual([404, "No such container: missing-one"]);
    expect(await failure(missing.start())).toEqual([404, "No such container: missing-one"]);
    expect(await failure(docker.getExec("nope").inspect())).toEqual([404, "No such exec instance: nope"]);
    expect(await failure(docker.getImage("missing-one").inspect())).toEqual([404, "No such image: missing-one:latest"]);
    expect(await failure(docker.createContainer({ Image: "missing-one" }))).toEqual([404, "No such image: missing-one:latest"]);
    expect(await failure(docker.createContainer({ Image: image, name: taken }))).toEqual([
      409,
      `Conflict. The container name "/${taken}" is already in use by container "${container.id}". You have to remove (or rename) that container to be able to reuse that name.`,
    ]);
    expect(await failure(container.kill())).toEqual([409, `cannot kill container: ${container.id}: container ${container.id} is not running`]);
    expect(await failure(container.unpause())).toEqual([500, `Container ${container.id} is not paused`]);
    expect((await failure(container.stop()))[0]).toBe(304);
    expect(await failure(container.exec({ Cmd: ["true"] }))).toEqual([409, `container ${container.id} is not running`]);
    expect(await failure(container.rename({ name: taken }))).toEqual([400, "Renaming a container with the same name as its current name"]);
    expect((await failure(docker.getImage(imageId).remove()))[0]).toBe(409);
    await container.remove();
  });
});
