// How much memory a pull takes: an image of 4 layers of 500 MB from docker-registry on loopback, resident memory sampled.
// BERTH_BIN: another executable than the source. `--layers N`, `--layer-mb N`: another size. `--beside SOCKET,PID`: a Docker
// that runs already on this network, measured in the same way before. Ends with 1 above 120 MB more than idle.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { padding, writeTarEntry } from "../src/wire/tar/tar-header.ts";
import { type Descriptor, type Digest, MEDIA } from "../src/wire/oci.ts";
import { startDaemon } from "../test/support/daemon.ts";
import { startRegistry } from "../test/support/registry.ts";
import { textOf } from "../test/support/or-empty.ts";
import { residentMb } from "./soak/sample.ts";

const LIMIT_MB = 120;
const SAMPLE_MS = 20;
const REST_MS = 3000;
const PIECE = 1 << 20;

const { values } = parseArgs({ options: { layers: { type: "string", default: "4" }, "layer-mb": { type: "string", default: "500" }, beside: { type: "string" } } });

process.exitCode = await measure(Number(values.layers), Number(values["layer-mb"]));

async function measure(layerCount: number, layerMb: number): Promise<number> {
  await using registry = await startRegistry();
  const directory = mkdtempSync(join(tmpdir(), "berth-pull-memory-"));
  try {
    await putImage(`http://${registry.address}/v2/big`, directory, layerCount, layerMb);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const image = `${registry.address}/big:1`;
  console.log(`image of ${layerCount} layers of ${layerMb} MB; MB resident: idle → peak (difference), alone and with the processes it starts`);
  if (values.beside !== undefined) {
    const [socket = "", pid = ""] = values.beside.split(",");
    report("docker", await pull(socket, Number(pid), image));
    await ask(socket, "DELETE", `/images/${image}`);
  }
  await using daemon = await startDaemon();
  const mine = await pull(daemon.socket, daemon.pid, image);
  report("berth", mine);
  return mine.alone.peak - mine.alone.idle > LIMIT_MB ? 1 : 0;
}

interface Memory {
  idle: number;
  peak: number;
}

interface Measured {
  alone: Memory;
  family: Memory;
  seconds: number;
}

async function pull(socket: string, pid: number, image: string): Promise<Measured> {
  // a first request, so that what every request needs is there
  await ask(socket, "GET", "/images/json");
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const alone = { idle: residentMb(pid), peak: 0 };
  const family = { idle: familyMb(pid), peak: 0 };
  const timer = setInterval(() => {
    alone.peak = Math.max(alone.peak, residentMb(pid));
    family.peak = Math.max(family.peak, familyMb(pid));
  }, SAMPLE_MS);
  const startedMs = performance.now();
  const [repository, tag] = [image.slice(0, image.lastIndexOf(":")), image.slice(image.lastIndexOf(":") + 1)];
  const told = await ask(socket, "POST", `/images/create?fromImage=${encodeURIComponent(repository)}&tag=${tag}`);
  clearInterval(timer);
  if (!told.includes("Downloaded newer image")) throw new Error(`the pull failed: ${told.slice(-500)}`);
  return { alone, family, seconds: (performance.now() - startedMs) / 1000 };
}

function report(name: string, { alone, family, seconds }: Measured): void {
  const shown = ({ idle, peak }: Memory): string => `${idle.toFixed(0)} → ${peak.toFixed(0)} (+${(peak - idle).toFixed(0)})`;
  console.log(`${name.padEnd(7)} ${shown(alone).padEnd(22)} ${shown(family).padEnd(22)} ${seconds.toFixed(1)} s`);
}

/** What several share is counted once (PSS). */
function familyMb(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) if (/^\d+$/.test(name)) parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(textOf(`/proc/${name}/status`))?.[1] ?? 0));
  const isOf = (pid: number): boolean => pid === root || (pid > 1 && isOf(parents.get(pid) ?? 0));
  let kilobytes = 0;
  for (const pid of parents.keys()) if (isOf(pid)) kilobytes += Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kilobytes / 1024;
}

function ask(socketPath: string, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path }, (answer) => {
      let text = "";
      answer.on("data", (bytes: Buffer) => (text = (text + bytes.toString()).slice(-4096)));
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    outgoing.on("error", reject).end();
  });
}

async function putImage(base: string, directory: string, layerCount: number, layerMb: number): Promise<void> {
  const layers: Descriptor[] = [];
  const diffIds: Digest[] = [];
  for (let index = 0; index < layerCount; index++) {
    const path = join(directory, `layer${index}`);
    const { diffId, digest } = await writeLayer(path, `file${index}`, layerMb * 1_000_000);
    layers.push({ mediaType: MEDIA.ociLayerGzip, digest, size: statSync(path).size });
    diffIds.push(diffId);
    await putBlob(base, digest, createReadStream(path), statSync(path).size);
    rmSync(path);
  }
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: diffIds } }));
  await putBlob(base, sha256(config), Readable.from([config]), config.length);
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.ociManifest, config: { mediaType: MEDIA.ociConfig, digest: sha256(config), size: config.length }, layers });
  const answer = await fetch(`${base}/manifests/1`, { method: "PUT", body: manifest, headers: { "content-type": MEDIA.ociManifest } });
  if (!answer.ok) throw new Error(`the registry refuses the manifest: ${answer.status}`);
}

/** One file of noise, as gzip. */
async function writeLayer(path: string, name: string, size: number): Promise<{ diffId: Digest; digest: Digest }> {
  const [tar, blob] = [createHash("sha256"), createHash("sha256")];
  const pieces = function* (): Generator<Buffer> {
    yield writeTarEntry({ name, mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, type: "0", size });
    for (let left = size; left > 0; left -= PIECE) yield randomBytes(Math.min(PIECE, left));
    yield Buffer.alloc(padding(size) + 1024);
  };
  const hashed = function* (): Generator<Buffer> {
    for (const piece of pieces()) {
      tar.update(piece);
      yield piece;
    }
  };
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      blob.update(piece);
      yield piece;
    }
  };
  await pipeline(Readable.from(hashed()), createGzip({ level: 1 }), counted, createWriteStream(path));
  return { diffId: `sha256:${tar.digest("hex")}`, digest: `sha256:${blob.digest("hex")}` };
}

async function putBlob(base: string, digest: Digest, content: Readable, size: number): Promise<void> {
  const begun = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  const place = new URL(begun.headers.get("location") ?? "", base);
  place.searchParams.set("digest", digest);
  await new Promise<void>((resolve, reject) => {
    const outgoing = request(place, { method: "PUT", headers: { "content-length": String(size), "content-type": "application/octet-stream" } }, (answer) => {
      answer.resume();
      if (answer.statusCode === 201) resolve();
      else reject(new Error(`the registry refuses a blob: ${answer.statusCode}`));
    });
    outgoing.on("error", reject);
    pipeline(content, outgoing).catch(reject);
  });
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
