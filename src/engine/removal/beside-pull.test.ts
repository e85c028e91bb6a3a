// Removals while an image arrives: what the pull has found here already must stay, whoever removes the image it was found in.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { poll } from "../../../test/support/poll.ts";
import { startPullLab } from "../../../test/support/pull-lab.ts";
import { createContainer } from "../container/create.ts";
import { removeImage } from "../image/remove.ts";
import { applyPlan } from "./apply.ts";
import { makePlan } from "./make-plan.ts";
import { pruneImages } from "./prune.ts";

const layer = (name: string) => ({ files: [{ name, content: name.repeat(5000) }] });
const ALL = new Map([["dangling", ["false"]]]);

for (const how of ["rmi", "prune", "a plan made before"] as const) {
  test(`${how} while a pull shares layers with what goes`, async () => {
    await using registry = await startFakeRegistry();
    await using lab = await startPullLab();
    const { engine } = lab;
    // leases end by the real time
    lab.test.nowMs = Date.now();
    registry.image("team/app", "v1", [layer("base"), layer("one")]);
    const { id, manifest } = registry.image("team/app", "v2", [layer("base"), layer("two")]);
    const app = `${registry.address}/team/app`;
    await lab.pull(app, { tag: "v1" });
    const base = engine.store.view((tx) => tx.images.list()[0]?.diffIds[0]) as `sha256:${string}`;
    // a layer is held a moment longer, for other pulls of the same
    await poll("the pull has let go", () => engine.store.view((tx) => tx.leases.size) === 0);
    const early = await makePlan(engine, { remove: { images: [`${app}:v1`] } });
    expect(early.objects.flatMap((object) => object.frees).map((part) => part.id)).toContain(base);

    const last = manifest.layers[1]?.digest ?? "";
    let release: (() => void) | undefined;
    registry.fault = (request, response) => {
      if (request.url?.includes(last) !== true) return undefined;
      release = () => response.writeHead(200, { "content-length": registry.bytes(last).length }).end(registry.bytes(last));
      return true;
    };
    const pulling = lab.pull(app, { tag: "v2" });
    await poll("the last layer is asked for", () => release !== undefined);
    // not yet an image of that name
    await expect(removeImage(engine, `${app}:v2`, { actor: {} })).rejects.toThrow("No such image");
    await expect(createContainer(engine, { body: { Image: `${app}:v2` }, actor: {} })).rejects.toThrow("No such image");
    const now = await makePlan(engine, { remove: { images: [`${app}:v1`] } });
    expect(now.objects.flatMap((object) => object.frees).map((part) => part.id)).not.toContain(base);
    if (how === "rmi") await removeImage(engine, `${app}:v1`, { actor: {} });
    else if (how === "prune") await pruneImages(engine, ALL, {});
    else {
      await expect(applyPlan(engine, early.token, {})).rejects.toThrow(/out of date: image [0-9a-f]{12}: frees something else now/);
      await applyPlan(engine, now.token, {});
    }
    await engine.store.collect();
    await engine.store.idle();
    expect(engine.store.view((tx) => tx.images.size)).toBe(0);

    registry.fault = undefined;
    release?.();
    await pulling;
    const rows = engine.store.view((tx) => ({ image: tx.images.find(id), directories: tx.diffs.list().map((row) => row.directory) }));
    expect(rows.image?.diffIds.length).toBe(2);
    expect(rows.directories.map((directory) => existsSync(join(lab.test.root, "data/layers", directory, "diff")))).toEqual([true, true]);
    await createContainer(engine, { body: { Image: `${app}:v2` }, actor: {} });
    expect(registry.gets(manifest.layers[0]?.digest ?? "none")).toBe(1);
  });
}
