// A container that ends or is removed while it is read: the client gets its files, or hears that there is no such container, and not
// what went wrong within.
import { expect, test } from "bun:test";
import { kindOf, messageOf } from "../../base/errors.ts";
import { startTestEngine } from "../../../test/support/engine.ts";
import { isRoot } from "../../../test/support/free-network.ts";
import { commitContainer } from "../image/commit.ts";
import { getContainerArchive, putContainerArchive, statContainerPath } from "./copy.ts";
import { createContainer } from "./create.ts";
import { removeContainer } from "./remove.ts";
import { startContainer } from "./start.ts";

test("removed during commit and archive", async () => {
  await using lab = await startTestEngine();
  const { engine } = lab;
  lab.image("app", { files: { "etc/hello": "hello" } });
  const make = async (): Promise<string> => (await createContainer(engine, { body: { Image: "app" }, actor: {} })).Id;
  const reads: Record<string, (id: string) => Promise<unknown>> = {
    commit: (id) => commitContainer(engine, id, { repo: "made", changes: [], pause: false, actor: {} }),
    archive: (id) => getContainerArchive(engine, id, "/etc/hello", {}),
  };
  for (const [what, read] of Object.entries(reads)) {
    const id = await make();
    const reading = read(id).then(() => undefined, (error: unknown) => error);
    await removeContainer(engine, id, { actor: {} });
    const error = await reading;
    // it may have been faster
    if (error !== undefined) expect([what, kindOf(error), messageOf(error)]).toEqual([what, "not_found", `No such container: ${id}`]);
  }
});

// its processes have no root in /proc, like one that has just ended
test.skipIf(!isRoot)("ended, but not yet known to have: its files are there as ever", async () => {
  await using lab = await startTestEngine();
  const { engine, runtime } = lab;
  lab.image("app", { files: { "etc/hello": "hello" } });
  const { Id } = await createContainer(engine, { body: { Image: "app" }, actor: {} });
  const reads: Record<string, () => Promise<unknown>> = {
    stat: () => statContainerPath(engine, Id, "/etc/hello"),
    archive: async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of (await getContainerArchive(engine, Id, "/etc/hello", {})).tar) pieces.push(piece);
      return Buffer.concat(pieces).subarray(512, 517).toString();
    },
    put: () => putContainerArchive(engine, Id, "/etc", new Blob([Buffer.alloc(1024)]).stream() as unknown as AsyncIterable<Uint8Array>, {}),
  };
  const seen: Record<string, unknown> = {};
  for (const [what, read] of Object.entries(reads)) {
    await startContainer(engine, Id, { actor: {} });
    const reading = read();
    await Promise.resolve().then(() => runtime.end(Id, 0));
    seen[what] = await reading.catch((error: unknown) => messageOf(error));
    await engine.supervisor.idle();
  }
  expect(seen).toEqual({ stat: expect.objectContaining({ name: "hello", size: 5 }), archive: "hello", put: undefined });
});
