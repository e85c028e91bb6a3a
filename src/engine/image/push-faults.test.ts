// Registries that misbehave while they are pushed to: the words are those that Docker 28.5.2 said to the same.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { type FakeImage, type FakeRegistry, refuse, send, sha, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { type FakeUploads, type Step, takeUploads } from "../../../test/support/fake-uploads.ts";
import { type PullLab, startPullLab } from "../../../test/support/pull-lab.ts";
import type { Manifest } from "../../wire/oci.ts";
import type { ProgressMessage } from "../../wire/progress.ts";
import { shortId } from "../../wire/reference.ts";
import { pushImage } from "./push.ts";
import { removeImage } from "./remove.ts";
import { tagImage } from "./tag.ts";

const LAYER_BYTES = 3_000_000;

let lab: PullLab;
let home: FakeRegistry;
let away: FakeRegistry;
let uploads: FakeUploads;
let image: FakeImage;
let name = "";

beforeEach(() => setUp());
afterEach(() => tearDown());

async function setUp(timeouts: { headersMs?: number; stallMs?: number } = {}): Promise<void> {
  lab = await startPullLab({ timeouts });
  [home, away] = [await startFakeRegistry(), await startFakeRegistry()];
  uploads = takeUploads(away);
  // does not compress, so that it goes in several pieces
  const noise = randomBytes(LAYER_BYTES);
  image = home.image("app", "v1", [{ files: [{ name: "noise", content: noise }], compression: "none" }]);
  await lab.pull(`${home.address}/app`, { tag: "v1" });
  name = `${away.address}/app`;
  tagImage(lab.engine, `${home.address}/app:v1`, name, "v1", {});
}

async function tearDown(): Promise<void> {
  await lab[Symbol.asyncDispose]();
  await Promise.all([home, away].map((registry) => registry[Symbol.asyncDispose]()));
}

async function push(signal = new AbortController().signal): Promise<string[]> {
  const told: string[] = [];
  const sink = (message: ProgressMessage): void => {
    if (message.progressDetail?.current === undefined && message.status !== undefined) told.push(`${message.id === undefined ? "" : `${message.id}: `}${message.status}`);
  };
  await pushImage(lab.engine, { name, tag: "v1", actor: {} }, sink, signal);
  return told;
}

/** The first registry is gone: the layer is compressed anew. */
async function withoutHome(): Promise<void> {
  await home[Symbol.asyncDispose]();
}

/** What arrived is whole: every blob that the manifest names, the layer with the contents it had. */
function expectWhole(): void {
  const manifest = JSON.parse(uploads.manifests.get("v1")?.toString() ?? "{}") as Manifest;
  expect(manifest.config.digest).toBe(image.id);
  expect(away.bytes(image.id).length).toBe(manifest.config.size);
  for (const { digest, size } of manifest.layers) expect(away.bytes(digest).length).toBe(size);
  const layer = away.bytes(manifest.layers[0]?.digest ?? "");
  expect(sha(layer[0] === 0x1f ? gunzipSync(layer) : layer)).toBe(image.manifest.layers[0]!.digest);
}

const leases = (): number => lab.engine.store.view((tx) => tx.leases.list().length);

for (const kind of ["fetched across", "compressed anew"] as const) {
  test(`a layer ${kind} is taken up where it was cut`, async () => {
    if (kind === "compressed anew") await withoutHome();
    uploads.fault = (step, { cutAfter }, count) => step === "bytes" && count < 2 && (cutAfter(100_000 * (count + 1)), true);
    const told = await push();
    expectWhole();
    expect(told).toContain(`${shortId(image.manifest.layers[0]!.digest)}: Retrying in 1 second`);
    expect(uploads.count("resume")).toBe(2);
    // one for the layer, one for the config
    expect(uploads.count("begin")).toBe(2);
    expect(leases()).toBe(0);
  });
}

test("an upload that the registry has forgotten is begun anew", async () => {
  uploads.fault = (step, { request, response }, count) => step === "bytes" && count === 0 && (request.resume(), refuse(response, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"), true);
  await push();
  expectWhole();
  expect(uploads.count("begin")).toBe(3);
});

test.each(["begin", "bytes", "commit", "manifest"] as const)("a %s that fails once with 500 or 429 is tried again", async (where) => {
  uploads.fault = (step, { request, response }, count) => step === where && count < 2 && (request.resume(), count === 0 ? send(response, 500, "oops") : refuse(response, 429, "TOOMANYREQUESTS", "slow down", { "retry-after": "0" }), true);
  await push();
  expectWhole();
});

const REFUSALS: readonly [Step, number, string | [code: string, message: string], string][] = [
  ["begin", 403, ["DENIED", "requested access to the resource is denied"], "denied: requested access to the resource is denied"],
  ["begin", 401, ["UNAUTHORIZED", "authentication required"], "unauthorized: authentication required"],
  ["begin", 405, ["UNSUPPORTED", "The operation is unsupported."], "unsupported: The operation is unsupported."],
  ["bytes", 400, ["SIZE_INVALID", "provided length did not match content length"], "size invalid: provided length did not match content length"],
  ["commit", 400, ["DIGEST_INVALID", "provided digest did not match uploaded content"], "digest invalid: provided digest did not match uploaded content"],
  ["manifest", 400, ["MANIFEST_INVALID", "manifest invalid"], "manifest invalid: manifest invalid"],
  ["manifest", 404, ["MANIFEST_BLOB_UNKNOWN", "blob unknown to registry"], "manifest blob unknown: blob unknown to registry"],
  ["manifest", 409, ["TAG_INVALID", "tag is immutable"], "tag invalid: tag is immutable"],
  ["manifest", 400, "<html>", `error parsing HTTP 400 response body: invalid character '<' looking for beginning of value: "<html>"`],
  ["manifest", 500, "oops", "received unexpected HTTP status: 500 Internal Server Error"],
];
test.each(REFUSALS)("a %s refused with %d %j is told in Docker's words, and nothing is remembered", async (where, status, body, words) => {
  uploads.fault = (step, { request, response }) => {
    if (step !== where) return false;
    request.resume();
    if (typeof body === "string") send(response, status, body);
    else refuse(response, status, ...body);
    return true;
  };
  await expect(push()).rejects.toThrow(new RegExp(`^${words.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`));
  const row = lab.engine.store.view((tx) => tx.images.find(image.id));
  expect(row?.manifests.map(({ repository }) => repository)).toEqual([`${home.address}/app`]);
  expect(leases()).toBe(0);
});

test("an answer before the upload is whole ends it, and its connection", async () => {
  uploads.fault = (step, { response }) => step === "bytes" && (response.writeHead(413, { "content-type": "text/html", "content-length": "7" }).end("too big"), true);
  await expect(push()).rejects.toThrow("unknown: too big");
  expect(uploads.count("bytes")).toBe(1);
});

test("a registry that takes no more bytes is given up, however often it is asked", async () => {
  await tearDown();
  await setUp({ headersMs: 500, stallMs: 300 });
  uploads.fault = (step, { request }) => step === "bytes" && (request.pause(), true);
  await expect(push()).rejects.toThrow(/no data accepted for|awaiting headers/);
  expect(uploads.count("bytes")).toBe(3);
  expect(leases()).toBe(0);
});

test("a client that hangs up ends the push", async () => {
  const client = new AbortController();
  uploads.fault = (step, { request }) => step === "bytes" && (request.pause(), client.abort(), true);
  await expect(push(client.signal)).rejects.toThrow();
  expect(uploads.manifests.size).toBe(0);
  expect(leases()).toBe(0);
});

test("what is pushed cannot be removed meanwhile, and goes afterwards", async () => {
  await withoutHome();
  const remove = (): Promise<unknown> => removeImage(lab.engine, image.id, { force: true, actor: {} });
  let refused: Promise<unknown> | undefined;
  uploads.fault = (step, _, count) => {
    if (step === "bytes" && count === 0) refused = remove().catch((error: unknown) => error);
    return false;
  };
  await push();
  expectWhole();
  expect(await refused).toMatchObject({ kind: "conflict", message: expect.stringContaining("image is being used by push") });
  await remove();
  expect(await lab.leftovers()).toEqual([]);
});

test("a registry that is not there is told before anything is said of layers", async () => {
  await away[Symbol.asyncDispose]();
  const told: (string | undefined)[] = [];
  const pushing = pushImage(lab.engine, { name, tag: "v1", actor: {} }, ({ status }) => told.push(status), new AbortController().signal);
  await expect(pushing).rejects.toThrow(`Get "http://${away.address}/v2/": dial tcp ${away.address}: connect: connection refused`);
  expect(told).toEqual([`The push refers to repository [${name}]`]);
});

test("a mount that was none is seen by the manifest's refusal", async () => {
  const layer = image.manifest.layers[0]!;
  lab.engine.store.update((tx) => {
    const row = tx.diffs.find(layer.digest)!;
    tx.diffs.put({ ...row, sources: [{ digest: layer.digest, mediaType: layer.mediaType, sizeBytes: layer.size, repository: `${away.address}/neighbour` }] });
  });
  uploads.fault = (step, { request, response }) => {
    if (step === "begin" && request.url?.includes("mount=") === true) return response.writeHead(201, { "content-length": "0" }).end(), true;
    return step === "manifest" && (request.resume(), refuse(response, 400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry"), true);
  };
  await expect(push()).rejects.toThrow("manifest blob unknown: blob unknown to registry");
});
