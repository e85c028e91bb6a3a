// Pulls from a registry that behaves: every shape of image, and the messages Docker's clients know.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { type FakeRegistry, send, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { type PullLab, startPullLab } from "../../../test/support/pull-lab.ts";
import type { ProgressMessage } from "../../wire/progress.ts";
import { MEDIA } from "../../wire/oci.ts";
import { shortId } from "../../wire/reference.ts";
import { inspectDistribution } from "./distribution.ts";
import { parsePlatform } from "./platform.ts";

let lab: PullLab;
let registry: FakeRegistry;
let repository = "";
let serial = 0;

beforeAll(async () => {
  lab = await startPullLab();
  registry = await startFakeRegistry();
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});
// every test has a repository and layers of its own
beforeEach(() => {
  repository = `team/r${++serial}`;
  lab.test.events();
});
afterEach(() => {
  registry.fault = undefined;
});

const layer = (name: string) => ({ files: [{ name: `${repository.replace("/", "-")}-${name}`, content: name.repeat(100) }] });
const named = () => `${registry.address}/${repository}`;
const found = (name: string) => lab.engine.store.view((tx) => tx.refs.find(name));

test("a pull tells what Docker tells, and the image stands under tag and digest", async () => {
  const { id, digest, manifest } = registry.image(repository, "v1", [layer("a"), layer("b")], { config: { Labels: { is: "so" } } });
  const told = await lab.pull(named(), { tag: "v1" });
  const [a, b] = manifest.layers.map((one) => shortId(one.digest));
  expect(told[0]).toBe(`v1: Pulling from ${repository}`);
  expect(told.slice(-2)).toEqual([`Digest: ${digest}`, `Status: Downloaded newer image for ${named()}:v1`]);
  for (const short of [a, b]) {
    expect(told.filter((line) => line.startsWith(`${short}:`))).toEqual(expect.arrayContaining(["Pulling fs layer", "Verifying Checksum", "Download complete", "Pull complete"].map((status) => `${short}: ${status}`)));
  }
  expect([found(`${named()}:v1`)?.imageId, found(`${named()}@${digest}`)?.imageId]).toEqual([id, id]);
  expect(lab.test.rawEvents()).toMatchObject([{ type: "image", action: "pull", actorId: `${named()}:v1`, attributes: { name: named(), is: "so" } }]);
  expect(await lab.pull(named(), { tag: "v1" })).toEqual([`v1: Pulling from ${repository}`, `Digest: ${digest}`, `Status: Image is up to date for ${named()}:v1`]);
});

test("layers wait for a place, and one that is here is not fetched", async () => {
  registry.image(repository, "v1", [layer("base")]);
  await lab.pull(named(), { tag: "v1" });
  const layers = ["base", "1", "2", "3", "4", "5"].map(layer);
  const { manifest } = registry.image(repository, "v2", layers);
  const told = await lab.pull(named(), { tag: "v2" });
  const ids = manifest.layers.map((one) => shortId(one.digest));
  expect(told.slice(1, 7)).toContain(`${ids[0]}: Already exists`);
  expect(told.filter((line) => line.endsWith(": Waiting"))).toEqual([`${ids[4]}: Waiting`, `${ids[5]}: Waiting`]);
  expect(registry.gets(manifest.layers[0]?.digest ?? "")).toBe(1);
});

test.each([
  ["gzip", false],
  ["zstd", false],
  ["none", false],
  ["gzip", true],
  ["none", true],
] as const)("layers as %s, Docker's media types: %p", async (compression, docker) => {
  const { id } = registry.image(repository, "v1", [{ ...layer("a"), compression }, { ...layer("b"), compression }], { docker });
  await lab.pull(named(), { tag: "v1" });
  expect(found(`${named()}:v1`)?.imageId).toBe(id);
});

test("foreign layers and annotations", async () => {
  const { id } = registry.image(repository, "v1", [{ ...layer("f"), mediaType: MEDIA.dockerForeignLayerGzip }], { docker: true, edit: (manifest) => Object.assign(manifest, { annotations: { a: "b" } }) });
  await lab.pull(named(), { tag: "v1" });
  expect(found(`${named()}:v1`)?.imageId).toBe(id);
});

test("an image without layers", async () => {
  const { id } = registry.image(repository, "v1", []);
  await lab.pull(named(), { tag: "v1" });
  expect(lab.engine.store.view((tx) => tx.images.find(id))).toMatchObject({ diffIds: [], sizeBytes: 0 });
});

test("the same layer twice is fetched and told once", async () => {
  const { id, manifest } = registry.image(repository, "v1", [layer("a"), layer("a")]);
  const told = await lab.pull(named(), { tag: "v1" });
  expect(told.filter((line) => line.endsWith(": Pull complete")).length).toBe(1);
  expect(lab.engine.store.view((tx) => tx.images.find(id)?.chainIds.length)).toBe(2);
  expect(registry.gets(manifest.layers[0]?.digest ?? "")).toBe(1);
});

test("by digest: no tag, and Docker's name in the messages", async () => {
  const { id, digest } = registry.image(repository, "v1", [layer("a")]);
  const told = await lab.pull(`${named()}@${digest}`);
  expect([told[0], told.at(-1)]).toEqual([`${named()}@${digest}: Pulling from ${repository}`, `Status: Downloaded newer image for ${named()}@${digest}`]);
  expect([found(`${named()}:v1`), found(`${named()}@${digest}`)?.imageId]).toEqual([undefined, id]);
  expect((await lab.pull(named(), { tag: digest })).at(-1)).toBe(`Status: Image is up to date for ${named()}@${digest}`);
  const both = `${named()}:other@${digest}`;
  expect(await lab.pull(both)).toEqual([`${both}: Pulling from ${repository}`, `Digest: ${digest}`, `Status: Image is up to date for ${both}`]);
  expect(found(`${named()}:other`)).toBeUndefined();
});

test("all tags of a repository", async () => {
  const one = registry.image(repository, "v1", [layer("a")]);
  const two = registry.image(repository, "v2", [layer("a"), layer("b")]);
  const told = await lab.pull(named());
  expect([found(`${named()}:v1`)?.imageId, found(`${named()}:v2`)?.imageId]).toEqual([one.id, two.id]);
  expect(told.at(-1)).toBe(`Status: Downloaded newer image for ${named()}`);
  expect(lab.test.rawEvents().map(({ actorId }) => actorId)).toEqual([named()]);
});

test("a tag that moved: the old image stays without it", async () => {
  const old = registry.image(repository, "v1", [layer("a")]);
  await lab.pull(named(), { tag: "v1" });
  const next = registry.image(repository, "v1", [layer("b")]);
  expect((await lab.pull(named(), { tag: "v1" })).at(-1)).toStartWith("Status: Downloaded newer image");
  expect(found(`${named()}:v1`)?.imageId).toBe(next.id);
  expect(lab.engine.store.view((tx) => tx.images.has(old.id))).toBe(true);
});

function indexOf(tag: string, platforms: readonly string[]) {
  const manifests = platforms.map((text) => {
    const platform = parsePlatform(text);
    const image = registry.image(repository, `${tag}-${text.replaceAll("/", "-")}`, [layer(text)], { platform });
    return { image, descriptor: { mediaType: MEDIA.ociManifest, digest: image.digest, size: image.bytes.length, platform } };
  });
  const attestation = { mediaType: MEDIA.ociManifest, digest: manifests[0]?.image.digest, size: 1, platform: { os: "unknown", architecture: "unknown" }, annotations: { "vnd.docker.reference.type": "attestation-manifest" } };
  const digest = registry.manifest(repository, tag, { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [attestation, ...manifests.map(({ descriptor }) => descriptor)] }, MEDIA.ociIndex);
  return { digest, ids: manifests.map(({ image }) => image.id) };
}

test("an index: the platform asked for, under the index's digest", async () => {
  const { digest, ids } = indexOf("multi", ["linux/386", "linux/arm/v6", "linux/arm/v7", "linux/s390x"]);
  const told = await lab.pull(named(), { tag: "multi", platform: "linux/arm" });
  expect(told).toContain(`Digest: ${digest}`);
  expect(found(`${named()}:multi`)?.imageId).toBe(ids[2] as `sha256:${string}`);
  await lab.pull(named(), { tag: "multi", platform: "s390x" });
  // the tag moves; the digest does so only when it is asked for
  expect([`${named()}:multi`, `${named()}@${digest}`].map((name) => found(name)?.imageId)).toEqual([ids[3], ids[2]]);
  await lab.pull(`${named()}@${digest}`, { platform: "s390x" });
  expect(found(`${named()}@${digest}`)?.imageId).toBe(ids[3] as `sha256:${string}`);
  await expect(lab.pull(named(), { tag: "multi", platform: "linux/riscv64" })).rejects.toMatchObject({
    kind: "not_found", message: "no matching manifest for linux/riscv64 in the manifest list entries",
  });
});

test("a single image of another platform comes with a warning after the status", async () => {
  registry.image(repository, "v1", [layer("a")]);
  expect((await lab.pull(named(), { tag: "v1", platform: "linux/arm64" })).at(-1)).toBe(
    `WARNING: image with reference ${named()}:v1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)`,
  );
});

test("schema 1 is refused in Docker's words", async () => {
  registry.manifest(repository, "old", { schemaVersion: 1, name: repository, tag: "old", fsLayers: [], history: [] }, MEDIA.dockerSchema1Signed);
  await expect(lab.pull(named(), { tag: "old" })).rejects.toThrow(`Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of ${named()}:old to upgrade`);
  // its digest is that of the text without the signatures
  registry.fault = (request, response) => {
    if (request.url?.includes("/manifests/") !== true) return false;
    send(response, 200, JSON.stringify({ schemaVersion: 1 }), { "content-type": MEDIA.dockerSchema1Signed, "docker-content-digest": `sha256:${"0".repeat(64)}` });
    return true;
  };
  await expect(lab.pull(named(), { tag: "old" })).rejects.toThrow("schema 1 support has been removed");
});

test("what is not there, in Docker's words, before any message", async () => {
  registry.image(repository, "v1", [layer("a")]);
  const told: ProgressMessage[] = [];
  const progress = (message: ProgressMessage): void => void told.push(message);
  await expect(lab.pull(named(), { tag: "v2", progress })).rejects.toMatchObject({ kind: "not_found", detail: {}, message: `manifest for ${named()}:v2 not found: manifest unknown: manifest unknown` });
  await expect(lab.pull(`${registry.address}/none`, { progress })).rejects.toMatchObject({ kind: "not_found", message: `repository ${registry.address}/none not found: name unknown: repository name not known to registry` });
  expect(told).toEqual([]);
  await expect(lab.pull(named(), { tag: "no tag" })).rejects.toMatchObject({ kind: "invalid" });
  await expect(lab.pull("not allowed")).rejects.toMatchObject({ kind: "invalid", message: "invalid reference format" });
});

test("what a registry has is told without a pull", async () => {
  const { digest, bytes } = registry.image(repository, "v1", [layer("a")], { platform: { os: "linux", architecture: "arm", variant: "v7" } });
  expect(await inspectDistribution(lab.engine, `${named()}:v1`, undefined)).toEqual({
    Descriptor: { mediaType: MEDIA.ociManifest, digest, size: bytes.length },
    Platforms: [{ architecture: "arm", os: "linux", variant: "v7" }],
  });
  indexOf("multi", ["linux/386", "linux/s390x"]);
  expect((await inspectDistribution(lab.engine, `${named()}:multi`, undefined)).Platforms).toEqual([{ os: "unknown", architecture: "unknown" }, { os: "linux", architecture: "386" }, { os: "linux", architecture: "s390x" }]);
});
