// A container that is removed while it is read: the client hears that there is no such container, not what went wrong within.
import { expect, test } from "bun:test";
import { kindOf, messageOf } from "../../base/errors.ts";
import { startTestEngine } from "../../../test/support/engine.ts";
import { commitContainer } from "../image/commit.ts";
import { getContainerArchive } from "./copy.ts";
import { createContainer } from "./create.ts";
import { removeContainer } from "./remove.ts";

test("commit and archive", async () => {
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
