// A registry in this process that serves images made in memory, and misbehaves where a test says so.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Descriptor, type Digest, type ImageConfig, type Manifest, MEDIA, type Platform } from "../../src/wire/oci.ts";
import { type Piece, tarOf } from "./tar-text.ts";

export type Compression = "gzip" | "zstd" | "none";

export interface FakeLayer {
  files: readonly Piece[];
  compression?: Compression;
  mediaType?: string;
}

export interface FakeImage {
  digest: Digest;
  id: Digest;
  manifest: Manifest;
  bytes: Buffer;
}

/** True: it has answered. */
export type Fault = (request: IncomingMessage, response: ServerResponse, count: number) => boolean | undefined;

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
}

export interface FakeRegistry extends AsyncDisposable {
  /** host:port */
  readonly address: string;
  readonly port: number;
  readonly seen: Seen[];
  /** Asked before anything else, with how often this method and path have come before. */
  fault: Fault | undefined;
  blob(bytes: Uint8Array): Descriptor;
  /** What a blob holds. */
  bytes(digest: string): Buffer;
  manifest(repository: string, tag: string, body: object | Uint8Array, mediaType: string): Digest;
  image(repository: string, tag: string, layers: readonly FakeLayer[], options?: { docker?: boolean; config?: object; platform?: Platform; edit?: (manifest: Manifest) => void }): FakeImage;
  /** How often a path that contains this was asked for by GET. */
  gets(part: string): number;
}

const MEDIA_OF: Record<Compression, [oci: string, docker: string]> = {
  gzip: [MEDIA.ociLayerGzip, MEDIA.dockerLayerGzip],
  zstd: [MEDIA.ociLayerZstd, MEDIA.ociLayerZstd],
  none: [MEDIA.ociLayer, MEDIA.dockerLayer],
};

export async function startFakeRegistry({ tls, host = "127.0.0.1" }: { tls?: ServerOptions; host?: string } = {}): Promise<FakeRegistry> {
  const registry = new Fake();
  await registry.listen(tls, host);
  return registry;
}

class Fake implements FakeRegistry {
  readonly seen: Seen[] = [];
  fault: Fault | undefined;
  address = "";
  port = 0;
  private server: Server | undefined;
  private readonly blobs = new Map<string, Buffer>();
  /** "repository reference" */
  private readonly manifests = new Map<string, { bytes: Buffer; mediaType: string }>();
  private readonly counts = new Map<string, number>();

  async listen(tls: ServerOptions | undefined, host: string): Promise<void> {
    const answer: RequestListener = (request, response) => this.answer(request, response);
    const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    this.address = `${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  blob(bytes: Uint8Array): Descriptor {
    const digest = sha(bytes);
    this.blobs.set(digest, Buffer.from(bytes));
    return { mediaType: "application/octet-stream", digest, size: bytes.length };
  }

  bytes(digest: string): Buffer {
    return Buffer.from(this.blobs.get(digest) ?? Buffer.alloc(0));
  }

  manifest(repository: string, tag: string, body: object | Uint8Array, mediaType: string): Digest {
    const bytes = body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    const digest = sha(bytes);
    for (const reference of [tag, digest]) this.manifests.set(`${repository} ${reference}`, { bytes, mediaType });
    return digest;
  }

  image(repository: string, tag: string, layers: readonly FakeLayer[], { docker = false, config = {}, platform, edit }: Parameters<FakeRegistry["image"]>[3] = {}): FakeImage {
    const tars = layers.map(({ files }) => tarOf(files));
    const described = layers.map(({ compression = "gzip", mediaType }, index): Descriptor => {
      const tar = tars[index] ?? Buffer.alloc(0);
      const bytes = compression === "gzip" ? gzipSync(tar) : compression === "zstd" ? zstdCompressSync(tar) : tar;
      return { ...this.blob(bytes), mediaType: mediaType ?? MEDIA_OF[compression][docker ? 1 : 0] };
    });
    const { architecture = "amd64", os = "linux", variant } = platform ?? {};
    const parsed: Partial<ImageConfig> = { architecture, os, ...(variant === undefined ? {} : { variant }), created: "2024-01-02T03:04:05Z", config: { Cmd: ["/bin/sh"], ...config }, rootfs: { type: "layers", diff_ids: tars.map(sha) } };
    const configBlob = { ...this.blob(Buffer.from(JSON.stringify(parsed))), mediaType: docker ? MEDIA.dockerConfig : MEDIA.ociConfig };
    const mediaType = docker ? MEDIA.dockerManifest : MEDIA.ociManifest;
    const manifest: Manifest = { schemaVersion: 2, mediaType, config: configBlob, layers: described };
    edit?.(manifest);
    const bytes = Buffer.from(JSON.stringify(manifest));
    return { digest: this.manifest(repository, tag, bytes, mediaType), id: configBlob.digest, manifest, bytes };
  }

  gets(part: string): number {
    return this.seen.filter(({ method, url }) => method === "GET" && url.includes(part)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server === undefined ? resolve(undefined) : this.server.close(resolve)));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "/", headers } = request;
    this.seen.push({ method, url, headers });
    const key = `${method} ${url}`;
    const count = this.counts.get(key) ?? 0;
    this.counts.set(key, count + 1);
    response.on("error", () => undefined);
    if (this.fault?.(request, response, count) === true) return;
    // a fault may have led it to another place
    const { url: path = "/" } = request;
    const [, repository = "", kind = "", reference = ""] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^?]*)/.exec(path) ?? [];
    if (/^\/v2\/?$/.test(path)) send(response, 200, "{}");
    else if (kind === "tags") this.tags(response, repository);
    else if (kind === "manifests") this.sendManifest(request, response, `${repository} ${decodeURIComponent(reference)}`);
    else if (kind === "blobs") this.sendBlob(request, response, reference);
    else refuse(response, 404, "UNSUPPORTED", "The operation is unsupported.");
  }

  private tags(response: ServerResponse, repository: string): void {
    const tags = [...this.manifests.keys()].filter((key) => key.startsWith(`${repository} `) && !key.includes("sha256:")).map((key) => key.split(" ")[1]);
    if (tags.length === 0) refuse(response, 404, "NAME_UNKNOWN", "repository name not known to registry");
    else send(response, 200, JSON.stringify({ name: repository, tags }));
  }

  private sendManifest(request: IncomingMessage, response: ServerResponse, key: string): void {
    const found = this.manifests.get(key);
    if (found === undefined) return refuse(response, 404, "MANIFEST_UNKNOWN", "manifest unknown");
    const head = { "content-type": found.mediaType, "docker-content-digest": sha(found.bytes), "content-length": String(found.bytes.length) };
    response.writeHead(200, head).end(request.method === "HEAD" ? undefined : found.bytes);
  }

  private sendBlob(request: IncomingMessage, response: ServerResponse, digest: string): void {
    const bytes = this.blobs.get(digest);
    if (bytes === undefined) return refuse(response, 404, "BLOB_UNKNOWN", "blob unknown to registry");
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = bytes.subarray(from);
    const range = from > 0 ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { "content-type": "application/octet-stream", "content-length": String(rest.length), ...range });
    response.end(request.method === "HEAD" ? undefined : rest);
  }
}

export function refuse(response: ServerResponse, status: number, code: string, message: string, headers: Record<string, string> = {}): void {
  send(response, status, JSON.stringify({ errors: [{ code, message, detail: {} }] }), headers);
}

export function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)), ...headers }).end(text);
}

export function sha(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
