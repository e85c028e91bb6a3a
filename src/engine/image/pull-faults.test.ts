// Registries that misbehave: a clear error in Docker's words, tried again where that helps, and nothing left behind.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type FakeImage, type FakeRegistry, type Fault, refuse, send, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { type PullLab, startPullLab } from "../../../test/support/pull-lab.ts";
import { poll } from "../../../test/support/poll.ts";
import { MEDIA } from "../../wire/oci.ts";
import { shortId } from "../../wire/reference.ts";

let lab: PullLab;
let registry: FakeRegistry;
let image: FakeImage;
let name = "";

beforeEach(async () => {
  lab = await startPullLab();
  registry = await startFakeRegistry();
  // does not compress, so that it comes in several pieces
  const noise = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 2654435761) >>> 13);
  image = registry.image("app", "v1", [{ files: [{ name: "noise", content: noise }], compression: "none" }]);
  name = `${registry.address}/app`;
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const layer = () => image.manifest.layers[0] as FakeImage["manifest"]["layers"][0];
const blobPath = (digest = layer().digest) => `/v2/app/blobs/${digest}`;
const pull = () => lab.pull(name, { tag: "v1" });

/** For one path; the rest as it should be. */
function at(path: string, fault: (response: ServerResponse, count: number) => void, while_: (count: number) => boolean = () => true): Fault {
  return (request, response, count) => {
    if (request.url !== path || !while_(count)) return false;
    fault(response, count);
    return true;
  };
}
const first = (count: number) => count === 0;

/** The first `bytes` of the layer, as if all of it were to come. */
function sendPart(response: ServerResponse, bytes: number, then?: () => void): void {
  response.writeHead(200, { "content-length": String(layer().size) });
  response.write(layerBytes().subarray(0, bytes), then);
}
const layerBytes = () => registry.bytes(layer().digest);

async function expectNothingLeft(): Promise<void> {
  expect(await lab.leftovers()).toEqual([]);
  expect(lab.engine.store.view((tx) => [tx.images.size, tx.refs.size, tx.layers.size])).toEqual([0, 0, 0]);
}

async function expectRefused(message: string | RegExp): Promise<void> {
  const error = await pull().then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  if (typeof message === "string") expect(error?.message).toBe(message);
  else expect(error?.message).toMatch(message);
  await expectNothingLeft();
}

test("a connection that is cut goes on where it stopped", async () => {
  registry.fault = at(blobPath(), (response) => sendPart(response, 100_000, () => response.destroy()), first);
  const told = await pull();
  const ranges = registry.seen.filter(({ url }) => url === blobPath()).map(({ headers }) => headers.range);
  expect([ranges[0], ranges.length, /^bytes=\d+-$/.test(ranges[1] ?? "")]).toEqual([undefined, 2, true]);
  expect(told).toContain(`${shortId(layer().digest)}: Retrying in 1 second`);
});

test("a registry that knows no ranges, or sends another, is asked for all of it", async () => {
  const cut = (response: ServerResponse): void => sendPart(response, 100_000, () => response.destroy());
  registry.fault = at(blobPath(), (response, count) => (count === 0 ? cut(response) : void response.writeHead(200, { "content-length": String(layer().size) }).end(layerBytes())));
  await pull();
  const again = registry.image("app", "v1", [{ files: [{ name: "other", content: layerBytes() }], compression: "none" }]);
  const { digest, size } = again.manifest.layers[0] as FakeImage["manifest"]["layers"][0];
  registry.fault = (request, response, count) => {
    if (request.url !== blobPath(digest) || count > 1) return false;
    if (count === 1) response.writeHead(206, { "content-range": `bytes 200000-200099/${size}`, "content-length": "100" }).end(Buffer.alloc(100));
    else response.writeHead(200, { "content-length": String(size) }).write(registry.bytes(digest).subarray(0, 100_000), () => response.destroy());
    return true;
  };
  await pull();
  const ranges = registry.seen.filter(({ url }) => url === blobPath(digest)).map(({ headers }) => headers.range);
  expect([ranges.length, ranges[1] === undefined, ranges[2]]).toEqual([3, false, undefined]);
});

test("a kept connection that is cut when it is used again", async () => {
  const used = new Map<object, number>();
  registry.fault = ({ socket }) => {
    used.set(socket, (used.get(socket) ?? 0) + 1);
    if ((used.get(socket) ?? 0) < 3) return false;
    socket.destroy();
    return true;
  };
  for (const tag of ["v1", "v2", "v3"]) {
    registry.image("app", tag, [{ files: [{ name: tag, content: tag }] }]);
    await lab.pull(name, { tag });
  }
  expect(used.size).toBeGreaterThan(3);
});

test("a registry that stalls is left and asked again", async () => {
  await lab[Symbol.asyncDispose]();
  lab = await startPullLab({ maxAttempts: 10, timeouts: { stallMs: 300 } });
  registry.fault = at(blobPath(), (response) => sendPart(response, 100_000), first);
  await pull();
  expect(registry.gets(blobPath())).toBeGreaterThan(1);
});

test("a registry that stalls for ever is given up", async () => {
  await lab[Symbol.asyncDispose]();
  lab = await startPullLab({ maxAttempts: 2, timeouts: { stallMs: 100 } });
  registry.fault = at(blobPath(), (response) => void response.writeHead(200, { "content-length": String(layer().size) }).flushHeaders());
  await expectRefused(/no data received for \d+ seconds/);
});

test("a registry that never gets further is given up", async () => {
  registry.fault = at(blobPath(), (response) => response.destroy());
  await expectRefused(/EOF|connection reset/);
  // and once more for every connection that had been kept
  expect(registry.gets(blobPath())).toBeWithin(3, 7);
});

test("a length that is not the manifest's", async () => {
  registry.fault = at(blobPath(), (response) => void response.writeHead(200, { "content-length": "10" }).end("0123456789"));
  await expectRefused(`filesystem layer verification failed for digest ${layer().digest}`);
});

test("more bytes than the manifest says, without a length", async () => {
  registry.fault = at(blobPath(), (response) => void response.writeHead(200).end(Buffer.alloc(layer().size + 1)));
  await expectRefused(`filesystem layer verification failed for digest ${layer().digest}`);
});

test("a layer with other bytes", async () => {
  const bytes = layerBytes();
  bytes[bytes.length - 200_000] = (bytes[bytes.length - 200_000] ?? 0) ^ 1;
  registry.fault = at(blobPath(), (response) => void response.writeHead(200, { "content-length": String(bytes.length) }).end(bytes));
  await expectRefused(`filesystem layer verification failed for digest ${layer().digest}`);
});

test("a compressed layer with other bytes is told by its digest, not by what they do to the archive", async () => {
  const zipped = registry.image("app", "v1", [{ files: [{ name: "noise", content: randomBytes(200_000) }] }]).manifest.layers[0] as FakeImage["manifest"]["layers"][0];
  const bytes = registry.bytes(zipped.digest);
  bytes[1000] = (bytes[1000] ?? 0) ^ 0xff;
  registry.fault = at(blobPath(zipped.digest), (response) => void response.writeHead(200, { "content-length": String(bytes.length) }).end(bytes));
  await expectRefused(`filesystem layer verification failed for digest ${zipped.digest}`);
});

test("a config with other bytes", async () => {
  const { digest, size } = image.manifest.config;
  registry.fault = at(blobPath(digest), (response) => void response.writeHead(200, { "content-length": String(size) }).end(" ".repeat(size)));
  await expectRefused(`error pulling image configuration: image config verification failed for digest ${digest}`);
});

test("a manifest with other bytes than its digest", async () => {
  registry.fault = at(`/v2/app/manifests/${image.digest}`, (response) => send(response, 200, JSON.stringify(image.manifest) + " ", { "content-type": MEDIA.ociManifest }));
  await expect(lab.pull(`${name}@${image.digest}`)).rejects.toMatchObject({ message: `manifest verification failed for digest ${image.digest}` });
  await expectNothingLeft();
});

test("a layer that is another than the config says", async () => {
  const other = registry.image("app", "v1", [{ files: [{ name: "other" }] }]);
  image = registry.image("app", "v1", [{ files: [{ name: "noise" }] }], { edit: (manifest) => void (manifest.layers = other.manifest.layers) });
  await expectRefused("layers from manifest don't match image configuration");
});

test("too many requests: asked again after the time it wants, then told", async () => {
  registry.fault = at("/v2/app/manifests/v1", (response) => refuse(response, 429, "TOOMANYREQUESTS", "You have reached your pull rate limit", { "retry-after": "0" }));
  await expectRefused("toomanyrequests: You have reached your pull rate limit");
  expect(registry.gets("manifests")).toBe(3);
  registry.fault = at(blobPath(), (response) => refuse(response, 429, "TOOMANYREQUESTS", "slow down", { "retry-after": "0" }), first);
  await pull();
});

test("500: asked again, then told", async () => {
  registry.fault = at(blobPath(), (response) => send(response, 500, "oops"));
  await expectRefused("received unexpected HTTP status: 500 Internal Server Error");
  expect(registry.gets(blobPath())).toBe(3);
  registry.fault = at(blobPath(), (response) => send(response, 503, "later"), (count) => count < 4);
  await pull();
});

test("HTML in place of a manifest, as an error and as an answer", async () => {
  registry.fault = at("/v2/app/manifests/v1", (response) => send(response, 403, "<html>Forbidden</html>", { "content-type": "text/html" }));
  await expectRefused(`pull access denied for ${name}, repository does not exist or may require 'docker login': denied: <html>Forbidden</html>`);
  registry.fault = at("/v2/app/manifests/v1", (response) => send(response, 404, "<html>Nothing here</html>", { "content-type": "text/html" }));
  await expectRefused("unknown: <html>Nothing here</html>");
  registry.fault = at("/v2/app/manifests/v1", (response) => send(response, 403, "<html>Forbidden</html>"));
  await expectRefused(`error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: "<html>Forbidden</html>"`);
  registry.fault = at("/v2/app/manifests/v1", (response) => send(response, 200, "<html>Welcome</html>", { "content-type": "text/html" }));
  await expectRefused("error unmarshalling content: invalid character '<' looking for beginning of value");
});

test("redirects in a loop", async () => {
  registry.fault = at(blobPath(), (response) => void response.writeHead(307, { location: blobPath() }).end());
  await expectRefused(/stopped after 10 redirects$/);
});

test("a manifest without end is not read to it", async () => {
  let sent = 0;
  registry.fault = at("/v2/app/manifests/v1", (response) => {
    response.writeHead(200, { "content-type": MEDIA.ociManifest, "content-length": String(10 * 1024 ** 3) });
    const piece = Buffer.alloc(1 << 20, 0x20);
    const more = (): void => {
      if (response.destroyed) return;
      sent += piece.length;
      response.write(piece, more);
    };
    more();
  });
  await expectRefused(/manifest v1 is larger than the limit of 16777216 bytes$/);
  expect(sent).toBeLessThan(1 << 28);
});

const put = (body: unknown, mediaType: string = MEDIA.ociManifest) => registry.manifest("app", "v1", Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), mediaType);
const indexOf = (digest: string) => ({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [{ mediaType: MEDIA.ociManifest, digest, size: 10, platform: { os: "linux", architecture: "amd64" } }] });

test("a manifest that makes no sense", async () => {
  const { manifest } = image;
  const [first] = manifest.layers;
  for (const [body, message] of [
    ["", "unexpected end of JSON input"],
    [JSON.stringify(manifest).slice(0, 50), "unexpected end of JSON input"],
    ["<html>", "invalid character '<' looking for beginning of value"],
    [[], "json: cannot unmarshal array into an object"],
    ["null", "json: cannot unmarshal null into an object"],
    [7, "json: cannot unmarshal number into an object"],
    [{ schemaVersion: 2 }, `unsupported manifest format: ${MEDIA.ociManifest}`],
    [{ ...manifest, config: { ...manifest.config, size: -1 } }, `invalid size of ${manifest.config.digest} in manifest: -1`],
    [{ ...manifest, layers: null }, "layers from manifest don't match image configuration"],
    [{ ...manifest, layers: [{ ...first, digest: "sha256:../../etc" }] }, 'could not validate layer digest "sha256:../../etc": invalid checksum digest length'],
    [{ ...manifest, layers: [{ ...first, digest: `sha256:${"g".repeat(64)}` }] }, `could not validate layer digest "sha256:${"g".repeat(64)}": invalid checksum digest format`],
    [{ ...manifest, layers: [{ ...first, digest: "md5:abc" }] }, 'could not validate layer digest "md5:abc": unsupported digest algorithm'],
    [{ ...manifest, layers: [null] }, 'could not validate layer digest "": invalid checksum digest format'],
  ] as const) {
    put(body);
    await expectRefused(message);
  }
});

test("what is no image", async () => {
  const { manifest } = image;
  const config = (mediaType: string) => ({ ...manifest, config: { ...manifest.config, mediaType } });
  put(config("application/vnd.cncf.helm.config.v1+json"));
  await expectRefused("unsupported media type application/vnd.cncf.helm.config.v1+json");
  put({ ...manifest, layers: [{ ...layer(), mediaType: "application/x-junk" }] });
  await expectRefused("unsupported media type application/x-junk");
  put({ ...config("application/vnd.docker.plugin.v1+json"), mediaType: MEDIA.dockerManifest }, MEDIA.dockerManifest);
  await expectRefused('Encountered remote "application/vnd.docker.plugin.v1+json"(plugin) when fetching');
  const windows = registry.blob(Buffer.from(JSON.stringify({ os: "windows", rootfs: { type: "layers", diff_ids: ["sha256:"] } })));
  put({ ...manifest, config: { ...manifest.config, ...windows, mediaType: MEDIA.ociConfig } });
  await expectRefused('image operating system "windows" cannot be used on this platform: operating system is not supported');
});

test("a manifest that is another one for other readers", async () => {
  const { manifest, digest } = image;
  put({ ...manifest, manifests: indexOf(digest).manifests });
  await expectRefused("ocimanifest: expected manifest but found index");
  put({ ...indexOf(digest), layers: manifest.layers }, MEDIA.ociIndex);
  await expectRefused("index: expected index but found manifest");
  put({ ...manifest, mediaType: MEDIA.dockerManifest });
  await expectRefused(`if present, mediaType in manifest should be '${MEDIA.ociManifest}' not '${MEDIA.dockerManifest}'`);
  registry.fault = at("/v2/app/manifests/v1", (response) => send(response, 200, JSON.stringify(manifest), { "content-type": MEDIA.ociManifest, "docker-content-digest": digest.replace(/.$/, (last) => (last === "0" ? "1" : "0")) }));
  await expectRefused(/^manifest verification failed for digest sha256:/);
});

test("more layers than can be mounted are refused before they are fetched", async () => {
  const layers = Array.from({ length: 126 }, (_, index) => ({ files: [{ name: `f${index}`, content: "x" }] }));
  registry.image("app", "v1", layers);
  await expectRefused("failed to register layer: max depth exceeded");
  // the config
  expect(registry.gets("/blobs/")).toBe(1);
  registry.image("app", "v1", layers.slice(1));
  await pull();
});

test("an index in an index, and one too deep", async () => {
  let inner = image.digest;
  for (let depth = 0; depth < 8; depth++) inner = registry.manifest("app", `at${depth}`, indexOf(inner), MEDIA.ociIndex);
  put(indexOf(inner), MEDIA.ociIndex);
  await expectRefused("manifest list is nested too deeply");
  await lab.pull(name, { tag: "at7" });
});

test("a name that the registry does not allow, and one that it does not show", async () => {
  registry.fault = at("/v2/app/manifests/v1", (response) => refuse(response, 400, "NAME_INVALID", "invalid repository name"));
  await expectRefused("name invalid: invalid repository name");
  // as Docker's: a code with no more than its own text is shown alone
  registry.fault = at("/v2/app/manifests/v1", (response) => send(response, 400, JSON.stringify({ errors: [{ code: "NAME_INVALID", message: "invalid repository name" }] })));
  await expectRefused("name invalid");
  registry.fault = at("/v2/app/manifests/v1", (response) => refuse(response, 403, "DENIED", "requested access to the resource is denied"));
  await expectRefused(`pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`);
});

test("a truncated and a damaged archive", async () => {
  const { digest, size } = layer();
  const bad = registry.blob(Buffer.concat([layerBytes().subarray(0, 100_000)]));
  const rebuilt = registry.image("app", "v1", [{ files: [{ name: "x" }] }], { edit: (manifest) => void (manifest.layers = [{ ...layer(), digest: bad.digest, size: bad.size }]) });
  expect([digest, size]).not.toEqual([rebuilt.manifest.layers[0]?.digest, rebuilt.manifest.layers[0]?.size]);
  await expectRefused(/unexpected EOF|truncated|don't match/i);
});

/** The layer stops after its first bytes until `go`. */
function hold(): { isAsked(): boolean; isCut(): boolean; go(): void } {
  let held: ServerResponse | undefined;
  let isCut = false;
  registry.fault = at(blobPath(), (response) => {
    sendPart(response, 50_000);
    response.on("close", () => (isCut = true));
    held = response;
  });
  return { isAsked: () => held !== undefined, isCut: () => isCut, go: () => void held?.end(layerBytes().subarray(50_000)) };
}

test("who goes away ends the pull", async () => {
  const layerOnHold = hold();
  const gone = new AbortController();
  const pulling = lab.pull(name, { tag: "v1", signal: gone.signal });
  await poll("the layer comes", layerOnHold.isAsked);
  gone.abort(new Error("gone"));
  await expect(pulling).rejects.toThrow("gone");
  await poll("the download has ended", layerOnHold.isCut);
  await poll("nothing is left", async () => (await lab.leftovers()).length === 0);
});

test("another that waits for the same gets it", async () => {
  const layerOnHold = hold();
  const gone = new AbortController();
  let waiting = 0;
  const progress = ({ status }: { status?: string }): void => void (status === "Pulling fs layer" && waiting++);
  const pulls = [gone.signal, new AbortController().signal].map((signal) => lab.pull(name, { tag: "v1", signal, progress }));
  await poll("both wait for the layer", () => layerOnHold.isAsked() && waiting === 2);
  gone.abort(new Error("gone"));
  await expect(pulls[0]).rejects.toThrow("gone");
  layerOnHold.go();
  expect((await pulls[1])?.at(-1)).toStartWith("Status: Downloaded newer image");
  expect(registry.gets(blobPath())).toBe(1);
});

test("one that waited for a layer from a registry which fails gets it from its own", async () => {
  await using other = await startFakeRegistry();
  other.blob(layerBytes());
  other.blob(registry.bytes(image.manifest.config.digest));
  other.manifest("app", "v1", image.bytes, MEDIA.ociManifest);
  let held: ServerResponse | undefined;
  registry.fault = at(blobPath(), (response) => void (held = response));
  let waiting = 0;
  const progress = ({ status }: { status?: string }): void => void (status === "Pulling fs layer" && waiting++);
  const failing = lab.pull(name, { tag: "v1", progress }).catch((error: unknown) => (error as Error).message);
  await poll("the layer is asked for", () => held !== undefined);
  const waits = lab.pull(`${other.address}/app`, { tag: "v1", progress });
  await poll("both wait for the layer", () => waiting === 2);
  refuse(held as ServerResponse, 404, "BLOB_UNKNOWN", "blob unknown to registry");
  expect(await failing).toBe("unknown blob");
  expect((await waits).at(-1)).toStartWith("Status: Downloaded newer image");
});

test("lists of tags: page by page, once round at most, and what is none", async () => {
  const list = (pages: Record<string, [tags: string[], next: string | undefined]>): void => {
    registry.fault = (request, response) => {
      const [tags, next] = pages[request.url ?? ""] ?? [];
      if (tags === undefined) return false;
      send(response, 200, JSON.stringify({ name: "app", tags }), next === undefined ? {} : { link: `<${next}>; rel="next"` });
      return true;
    };
  };
  const start = "/v2/app/tags/list";
  registry.image("app", "v2", [{ files: [{ name: "second" }] }]);
  list({ [start]: [["v1"], `${start}?last=v1`], [`${start}?last=v1`]: [["v2"], start] });
  await lab.pull(name, { all: true });
  expect(lab.engine.store.view((tx) => tx.images.size)).toBe(2);
  expect(registry.gets(start)).toBe(3);
  registry.fault = at(start, (response) => send(response, 200, "<html>"));
  await expect(lab.pull(name, { all: true })).rejects.toThrow("invalid character '<' looking for beginning of value");
});
