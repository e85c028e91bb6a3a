// One shape through every engine and back: what comes out must be what went in.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { compressionOf } from "../../src/linux/decompress.ts";
import type { ImageConfig, Manifest } from "../../src/wire/oci.ts";
import { MEDIA } from "../../src/wire/oci.ts";
import { run, type TripEngine } from "./engines.ts";
import { compareTrees } from "./read-tree.ts";
import { getManifest, putShape } from "./registry-client.ts";
import { sha256, type Shape } from "./shape.ts";

export interface Lab {
  /** Addresses of two registries: where shapes are, and where they are pushed to. */
  source: string;
  away: string;
  /** Two engines of ours. */
  one: TripEngine;
  other: TripEngine;
  peers: readonly TripEngine[];
  directory: string;
  /** Shapes that peers refuse, and those that they take but cannot give out again. */
  refused?: readonly string[];
  kept?: readonly string[];
}

export interface Outcome {
  name: string;
  checks: number;
  faults: string[];
  seconds: number;
}

export async function roundTrip(lab: Lab, shape: Shape): Promise<Outcome> {
  const began = Date.now();
  const trip = new Trip(lab, shape);
  await putShape(lab.source, shape.name, shape);
  await trip.leg("pull and push", () => trip.registries());
  await trip.leg("save and load", () => trip.archives());
  await trip.leg("skopeo", () => trip.skopeo());
  for (const peer of lab.peers) {
    if (lab.refused?.includes(shape.name) === true) continue;
    await trip.leg(`${peer.name} takes`, () => trip.taken(peer));
    if (lab.kept?.includes(shape.name) !== true) await trip.leg(`${peer.name} gives`, () => trip.given(peer));
  }
  trip.clean();
  return { name: shape.name, checks: trip.checks, faults: trip.faults, seconds: (Date.now() - began) / 1000 };
}

class Trip {
  checks = 0;
  readonly faults: string[] = [];
  private tree: string[] = [];
  private readonly files: string[] = [];
  private readonly held = new Map<TripEngine, Set<string>>();
  private label = "";

  constructor(
    private readonly lab: Lab,
    private readonly shape: Shape,
  ) {}

  async leg(label: string, walk: () => Promise<void>): Promise<void> {
    this.label = label;
    try {
      await walk();
    } catch (error) {
      this.faults.push(`${label}: ${(error as Error).message}`);
    }
  }

  /** Pulled and pushed elsewhere it keeps its manifest; from there another engine has the same. */
  async registries(): Promise<void> {
    const { one, other, source } = this.lab;
    const [from, to] = [`${source}/${this.shape.name}:1`, this.away("ours")];
    this.get(one, from);
    this.tree = one.tree(from);
    this.same("id after pull", one.id(from), this.shape.configDigest);
    this.put(one, from, to);
    const there = await getManifest(this.lab.away, `ours/${this.shape.name}`);
    this.same("manifest after push", there.digest, this.shape.manifests[0]?.digest);
    this.get(other, to);
    this.arrived("pulled again", other, to);
    this.drop(other);
  }

  /** Through an archive and, compressed anew, through a registry: the same bytes whoever does it. */
  async archives(): Promise<void> {
    const { one, other } = this.lab;
    const name = this.away("ours");
    const [first, second] = [this.file("first.tar"), this.file("second.tar")];
    one.save([name], first);
    this.load(other, first, name);
    this.arrived("loaded", other, name);
    other.save([name], second);
    this.same("archive saved again", fileDigest(second), fileDigest(first));
    this.put(other, name, this.away("anew"));
    const once = await getManifest(this.lab.away, `anew/${this.shape.name}`);
    await this.fits("compressed anew", once.manifest, `anew/${this.shape.name}`);
    this.drop(other);
    this.load(other, first, name);
    this.put(other, name, this.away("anew-again"));
    this.same("manifest pushed again", (await getManifest(this.lab.away, `anew-again/${this.shape.name}`)).digest, once.digest);
    this.drop(other);
    this.get(other, this.away("anew"));
    this.arrived("pulled what was compressed anew", other, this.away("anew"));
    this.drop(other);
  }

  /** skopeo reads what we pushed and saved; we take what it copies and converts. */
  async skopeo(): Promise<void> {
    const { other, away, source } = this.lab;
    const { name } = this.shape;
    const copied = this.file("copied");
    skopeo(`docker://${this.away("ours")}`, `dir:${copied}`);
    this.same("manifest", sha256(readFileSync(join(copied, "manifest.json"))), this.shape.manifests[0]?.digest);
    skopeo(`docker-archive:${this.file("first.tar")}`, `docker://${this.away("from-archive")}`);
    await this.fits("our archive as Docker's", (await getManifest(away, `from-archive/${name}`)).manifest, `from-archive/${name}`);
    skopeo(`oci-archive:${this.file("first.tar")}`, `docker://${this.away("from-layout")}`);
    await this.fits("our archive as OCI's", (await getManifest(away, `from-layout/${name}`)).manifest, `from-layout/${name}`);
    for (const [format, compression] of [["oci", "zstd"], ["oci", "gzip"], ["v2s2", "gzip"]] as const) {
      // it leaves zstd as it is, and then finds that Docker's manifests have no word for it
      if (format === "v2s2" && this.hasZstd()) continue;
      const path = `skopeo-${format}-${compression}`;
      skopeo("--format", format, "--dest-compress-format", compression, "--dest-compress", `docker://${source}/${name}:1`, `docker://${this.away(path)}`);
      const { manifest } = await getManifest(away, `${path}/${name}`);
      this.get(other, this.away(path));
      this.arrived(`pulled ${format} ${compression}`, other, this.away(path), manifest.config.digest);
      this.drop(other);
    }
    for (const kind of this.hasZstd() ? ["oci-archive"] : ["docker-archive", "oci-archive"]) {
      const file = this.file(`skopeo-${kind}.tar`);
      const loaded = this.away(`skopeo-${kind}`);
      skopeo(`docker://${this.away("ours")}`, `${kind}:${file}:${loaded}`);
      const { config } = JSON.parse(run(["skopeo", "inspect", "--raw", `${kind}:${file}`])) as Manifest;
      this.load(other, file, loaded);
      this.arrived(`loaded its ${kind}`, other, loaded, config.digest);
      this.drop(other);
    }
  }

  /** Another engine pulls and loads what we made. */
  async taken(peer: TripEngine): Promise<void> {
    const ours = this.away("ours");
    for (const reference of [ours, this.away("anew")]) {
      this.get(peer, reference);
      this.arrived(`it pulled ${reference.split("/")[1]}`, peer, reference);
      this.drop(peer);
    }
    this.load(peer, this.file("first.tar"), ours);
    this.arrived("it loaded our archive", peer, ours);
    this.drop(peer);
  }

  /** We pull and load what another engine makes. */
  async given(peer: TripEngine): Promise<void> {
    const { other, source, away } = this.lab;
    const { name } = this.shape;
    const [from, theirs] = [`${source}/${name}:1`, this.away(`${peer.name}s`)];
    this.get(peer, from);
    this.put(peer, from, theirs);
    const { manifest } = await getManifest(away, `${peer.name}s/${name}`);
    this.get(other, theirs);
    this.arrived("we pulled what it pushed", other, theirs, manifest.config.digest);
    this.drop(other);
    for (const format of [undefined, ...peer.formats]) {
      const file = this.file(`${peer.name}-${format ?? "own"}.tar`);
      peer.save([theirs], file, format);
      this.load(other, file, theirs);
      this.arrived(`we loaded its ${format ?? "archive"}`, other, theirs, format === "oci-archive" ? ociArchiveConfig(file) : this.shape.configDigest);
      this.drop(other);
    }
    this.drop(peer);
  }

  clean(): void {
    for (const [engine] of this.held) this.drop(engine);
    for (const file of this.files) rmSync(file, { recursive: true, force: true });
  }

  private hasZstd(): boolean {
    return this.shape.manifests.some(({ bytes }) => bytes.includes(MEDIA.ociLayerZstd));
  }

  private away(path: string): string {
    return `${this.lab.away}/${path}/${this.shape.name}:1`;
  }

  private file(name: string): string {
    const path = join(this.lab.directory, `${this.shape.name}-${name}`);
    if (!this.files.includes(path)) {
      rmSync(path, { recursive: true, force: true });
      this.files.push(path);
    }
    return path;
  }

  private get(engine: TripEngine, reference: string): void {
    engine.pull(reference);
    this.hold(engine, reference);
  }

  private load(engine: TripEngine, file: string, reference: string): void {
    engine.load(file);
    this.hold(engine, reference);
  }

  private put(engine: TripEngine, reference: string, to: string): void {
    engine.tag(reference, to);
    this.hold(engine, to);
    engine.push(to);
  }

  private hold(engine: TripEngine, reference: string): void {
    this.held.set(engine, (this.held.get(engine) ?? new Set()).add(reference));
  }

  private drop(engine: TripEngine): void {
    const references = [...(this.held.get(engine) ?? [])];
    this.held.delete(engine);
    if (references.length > 0) engine.remove(...references);
  }

  private same(what: string, got: unknown, wanted: unknown): void {
    this.checks++;
    if (got !== wanted) this.faults.push(`${this.label}: ${what}: ${String(got)} instead of ${String(wanted)}`);
  }

  private arrived(what: string, engine: TripEngine, reference: string, id: string = this.shape.configDigest): void {
    this.same(`id when ${what}`, engine.id(reference), id);
    const differences = compareTrees(this.tree, engine.tree(reference));
    this.checks++;
    if (differences.length > 0) this.faults.push(`${this.label}: files when ${what}:\n    ${differences.join("\n    ")}`);
  }

  /** What lies in the registry is this image: its config, and layers that are those of the config when they are unpacked. */
  private async fits(what: string, manifest: Manifest, path: string): Promise<void> {
    this.same(`config of ${what}`, manifest.config.digest, this.shape.configDigest);
    const config = JSON.parse(this.shape.blobs.get(this.shape.configDigest)?.toString() ?? "{}") as ImageConfig;
    const diffIds: string[] = [];
    for (const { digest } of manifest.layers) {
      const answer = await fetch(`http://${this.lab.away}/v2/${path}/blobs/${digest}`);
      diffIds.push(sha256(unpacked(Buffer.from(await answer.arrayBuffer()))));
    }
    this.same(`layers of ${what}`, diffIds.join(), config.rootfs.diff_ids.join());
  }
}

/** skopeo may name a layer gzip although it took a plain one that it found: the bytes say what they are. */
function unpacked(bytes: Buffer): Buffer {
  const compression = compressionOf(bytes);
  if (compression === "zstd") return Buffer.from(zstdDecompressSync(bytes));
  return compression === "gzip" ? Buffer.from(gunzipSync(bytes)) : bytes;
}

function fileDigest(path: string): string {
  return sha256(readFileSync(path));
}

function ociArchiveConfig(file: string): string {
  return (JSON.parse(run(["skopeo", "inspect", "--raw", `oci-archive:${file}`])) as Manifest).config.digest;
}

function skopeo(...args: string[]): void {
  run(["skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", ...args]);
}
