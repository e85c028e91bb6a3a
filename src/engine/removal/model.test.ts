// Random histories on the real store beside a model that keeps nothing but names, images and containers, and finds what is
// alive by walking from all of them each time. After every step both must agree. BERTH_MODEL_SEED and BERTH_MODEL_STEPS: more.
import { expect, test } from "bun:test";
import type { ImageId } from "../../wire/oci.ts";
import { familiarName } from "../../wire/reference.ts";
import { removeImage } from "../image/remove.ts";
import { tagImage } from "../image/tag.ts";
import { makePlan } from "./make-plan.ts";
import { pruneImages } from "./prune.ts";
import { Bench, layerBytes, sha } from "./testing/bench.ts";

const STEPS = Number(process.env["BERTH_MODEL_STEPS"] ?? 800);
const SEEDS = process.env["BERTH_MODEL_SEED"] === undefined ? [1, 2, 3, 4, 5] : [Number(process.env["BERTH_MODEL_SEED"])];

/** mulberry32 */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface ModelImage {
  id: ImageId;
  layers: readonly string[];
  parent: ImageId | undefined;
  label: boolean;
  age: number;
}

interface ModelContainer {
  id: string;
  image: ImageId;
  layers: readonly string[];
  running: boolean;
}

type Line = string;

class Refusal extends Error {}

const short = (id: string): string => id.replace("sha256:", "").slice(0, 12);
const full = (name: string): string => (name.includes("/") ? name : `library/${name}`);
const isDigest = (name: string): boolean => name.includes("@");
const repositoryOf = (name: string): string => (isDigest(name) ? (name.split("@")[0] as string) : name.slice(0, name.lastIndexOf(":")));

/** Prefixes of a layer list as one string each: what a chain ID stands for. */
const chainsOf = (layers: readonly string[]): string[] => layers.map((_, index) => layers.slice(0, index + 1).join("/"));

class Model {
  images: ModelImage[] = [];
  names = new Map<string, ImageId>();
  containers: ModelContainer[] = [];

  namesOf(id: ImageId): string[] {
    return [...this.names].flatMap(([name, of]) => (of === id ? [name] : [])).toSorted((a, b) => (full(a) < full(b) ? -1 : 1));
  }

  liveChains(): Set<string> {
    return new Set([...this.images, ...this.containers].flatMap((holder) => chainsOf(holder.layers)));
  }

  liveLayers(): Set<string> {
    return new Set([...this.images, ...this.containers].flatMap((holder) => holder.layers));
  }

  bytes(): number {
    return [...this.liveLayers()].reduce((sum, name) => sum + layerBytes(name), 0);
  }

  children(id: ImageId): number {
    return this.images.filter((image) => image.parent === id).length;
  }

  single(names: readonly string[]): boolean {
    const tags = names.filter((name) => !isDigest(name)).length;
    return names.length < 2 || (tags < 2 && new Set(names.map(repositoryOf)).size === 1);
  }

  /** Deletes or says why not; `quiet` forgives what Docker forgives. Lines go to `out`. */
  drop(id: ImageId, force: boolean, prune: boolean, quiet: boolean, out: Line[]): void {
    const image = this.images.find((one) => one.id === id);
    if (image === undefined) return;
    const why = this.conflict(id, force, !force);
    if (why !== undefined) {
      if (quiet && (why.used || this.namesOf(id).length > 0 || this.children(id) > 0)) return;
      throw new Refusal(why.text);
    }
    for (const name of this.namesOf(id)) this.untag(name, out);
    const before = this.liveChains();
    this.images = this.images.filter((one) => one !== image);
    const after = this.liveChains();
    out.push(`D ${id}`);
    // top first
    for (const chain of chainsOf(image.layers).toReversed()) if (before.has(chain) && !after.has(chain)) out.push(`D ${chain}`);
    if (prune && image.parent !== undefined) this.drop(image.parent, false, true, true, out);
  }

  untag(name: string, out: Line[]): void {
    this.names.delete(name);
    out.push(`U ${name}`);
  }

  conflict(id: ImageId, force: boolean, names: boolean): { used: boolean; text: string } | undefined {
    const text = (kind: string, why: string): string => `conflict: unable to delete ${short(id)} (${kind}) - ${why}`;
    const users = this.containers.filter((container) => container.image === id);
    if (this.children(id) > 0) return { used: false, text: text("cannot be forced", "image has dependent child images") };
    if (users.some((user) => user.running)) return { used: true, text: text("cannot be forced", "image is being used by running container") };
    if (names && this.namesOf(id).length > 0) return { used: false, text: text("must be forced", "image is referenced in multiple repositories") };
    if (!force && users.length > 0) return { used: true, text: text("must be forced", "image is being used by stopped container") };
    return undefined;
  }

  removeName(name: string, force: boolean, prune: boolean, out: Line[]): void {
    const id = this.names.get(name);
    if (id === undefined) throw new Refusal("No such image");
    if (!force && this.single(this.namesOf(id)) && this.containers.some((container) => container.image === id)) throw new Refusal("conflict: unable to remove repository reference");
    this.untag(name, out);
    const siblings = this.namesOf(id).filter((other) => repositoryOf(other) === repositoryOf(name));
    if (!isDigest(name) && siblings.every(isDigest)) for (const sibling of siblings) this.untag(sibling, out);
    if (this.namesOf(id).length === 0) this.drop(id, force, prune, true, out);
  }

  removeId(id: ImageId, force: boolean, prune: boolean, out: Line[]): void {
    if (this.single(this.namesOf(id))) {
      const why = this.conflict(id, force, false);
      if (why !== undefined) throw new Refusal(why.text);
      for (const name of this.namesOf(id)) this.untag(name, out);
    }
    this.drop(id, force, prune, false, out);
  }

  prune(all: boolean, labelled: boolean, out: Line[]): void {
    const chosen = this.images.filter((image) => {
      const names = this.namesOf(image.id);
      if (labelled && !image.label) return false;
      if (this.children(image.id) > 0 && (!all || names.length === 0)) return false;
      return all || names.every(isDigest);
    });
    for (const image of chosen.toSorted((a, b) => b.age - a.age)) {
      if (!this.images.includes(image)) continue;
      const names = this.namesOf(image.id);
      const attempts = names.length === 0 ? [() => this.removeId(image.id, false, true, out)] : names.map((name) => () => this.names.has(name) && this.removeName(name, false, true, out));
      for (const attempt of attempts) {
        try {
          attempt();
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }
    }
  }
}

const LAYERS = ["l0-1000", "l1-300", "l2-70", "l3-11", "l4-5", "l5-2"];
const TAGS = ["a:1", "a:2", "b:1", "b:2", "c/d:1", "c/d:latest"];
const DIGESTS = ["a", "b", "c/d"].flatMap((repository) => ["1", "2"].map((digit) => `${repository}@sha256:${digit.repeat(64)}`));

/** One history: both sides step by step. */
class Run {
  readonly model = new Model();
  readonly trace: string[] = [];
  private age = 0;
  /** Chain id → the model's word for it. */
  private readonly words = new Map<string, string>();

  constructor(
    readonly bench: Bench,
    private readonly pick: (below: number) => number,
  ) {}

  one<T>(list: readonly T[]): T | undefined {
    return list[this.pick(list.length)];
  }

  async step(): Promise<void> {
    const roll = this.pick(100);
    if (roll < 22) this.addImage();
    else if (roll < 36) this.addName();
    else if (roll < 46) this.addContainer();
    else if (roll < 56) this.dropContainer();
    else if (roll < 60) this.toggleContainer();
    else if (roll < 80) await this.removeByName();
    else if (roll < 92) await this.removeById();
    else if (roll < 98) await this.prune();
    else await this.bench.store.collect();
  }

  private addImage(): void {
    const parent = this.pick(2) === 0 ? this.one(this.model.images) : undefined;
    const below = parent?.layers ?? [];
    const more = Array.from({ length: this.pick(3) }, () => this.one(LAYERS) as string);
    const layers = [...below, ...more].slice(0, 5);
    if (parent !== undefined && layers.length < below.length) return;
    const label = this.pick(3) === 0;
    const age = this.age++;
    const names = this.pick(3) === 0 ? [] : [this.one([...TAGS, ...DIGESTS]) as string];
    const id = this.bench.image({ layers, salt: `salt ${age}`, createdMs: this.bench.nowMs + age, tags: names, ...(label ? { labels: { keep: "1" } } : {}), ...(parent === undefined ? {} : { parent: parent.id }) });
    this.learn(layers);
    this.model.images.push({ id, layers, parent: parent?.id, label, age });
    for (const name of names) this.model.names.set(name, id);
    this.trace.push(`image ${short(id)} ${layers.join("/")} ${names.join()} parent ${parent === undefined ? "-" : short(parent.id)}`);
  }

  private learn(layers: readonly string[]): void {
    let chainId = "";
    chainsOf(layers).forEach((word, index) => {
      const diffId = sha(layers[index] as string);
      chainId = chainId === "" ? diffId : sha(`${chainId} ${diffId}`);
      this.words.set(chainId, word);
    });
  }

  private addName(): void {
    const image = this.one(this.model.images);
    if (image === undefined) return;
    const name = this.one([...TAGS, ...TAGS, ...DIGESTS]) as string;
    if (isDigest(name)) this.bench.tag(name, image.id);
    else tagImage(this.bench, image.id, repositoryOf(name), name.slice(name.lastIndexOf(":") + 1), {});
    this.model.names.set(name, image.id);
    this.trace.push(`tag ${name} ${short(image.id)}`);
  }

  private addContainer(): void {
    const image = this.one(this.model.images);
    if (image === undefined) return;
    const running = this.pick(3) === 0;
    const id = this.bench.container({ name: `c${this.age++}`, image: image.id, running });
    this.model.containers.push({ id, image: image.id, layers: image.layers, running });
    this.trace.push(`container ${short(id)} of ${short(image.id)} ${running ? "running" : "stopped"}`);
  }

  private dropContainer(): void {
    const container = this.one(this.model.containers);
    if (container === undefined) return;
    this.bench.dropContainer(container.id);
    this.model.containers = this.model.containers.filter((one) => one !== container);
    this.trace.push(`drop ${short(container.id)}`);
  }

  private toggleContainer(): void {
    const container = this.one(this.model.containers);
    if (container === undefined) return;
    container.running = !container.running;
    this.bench.store.update((tx) => {
      const row = tx.containers.find(container.id);
      if (row !== undefined) tx.containers.put({ ...row, state: { ...row.state, Running: container.running, Status: container.running ? "running" : "exited" } });
    });
  }

  private async removeByName(): Promise<void> {
    const name = this.one([...TAGS, ...TAGS, ...DIGESTS]) as string;
    const [force, prune] = [this.pick(3) === 0, this.pick(4) !== 0];
    await this.compare(`rmi ${name}`, force, (out) => this.model.removeName(name, force, prune, out), name, prune);
  }

  private async removeById(): Promise<void> {
    const image = this.one(this.model.images);
    if (image === undefined) return;
    const [force, prune] = [this.pick(3) === 0, this.pick(4) !== 0];
    const typed = this.one([image.id, image.id.slice("sha256:".length), image.id.slice(0, 7 + 40)]) as string;
    await this.compare(`rmi id ${short(image.id)}`, force, (out) => this.model.removeId(image.id, force, prune, out), typed, prune);
  }

  private async compare(what: string, force: boolean, onModel: (out: Line[]) => void, typed: string, prune: boolean): Promise<void> {
    this.trace.push(`${what}${force ? " -f" : ""}${prune ? "" : " --no-prune"}`);
    const expected: Line[] = [];
    let refusal: string | undefined;
    const before = this.model.bytes();
    try {
      onModel(expected);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error.message;
    }
    const plan = refusal === undefined ? await makePlan(this.bench, { remove: { images: [typed], force, noPrune: !prune } }) : undefined;
    const real = removeImage(this.bench, typed, { force, noPrune: !prune, actor: {} });
    if (refusal !== undefined) {
      await expect(real).rejects.toThrow(refusal);
      return;
    }
    expect(this.told(await real)).toEqual(expected);
    expect(this.layerBytesOf(plan?.objects ?? [])).toBe(before - this.model.bytes());
  }

  private async prune(): Promise<void> {
    const [all, labelled] = [this.pick(2) === 0, this.pick(3) === 0];
    this.trace.push(`prune${all ? " -a" : ""}${labelled ? " label" : ""}`);
    const filters = new Map<string, string[]>([["dangling", [String(!all)]], ...(labelled ? [["label", ["keep=1"]] as [string, string[]]] : [])]);
    const before = this.model.bytes();
    const expected: Line[] = [];
    this.model.prune(all, labelled, expected);
    const plan = await makePlan(this.bench, { prune: { images: { filters } } });
    const report = await pruneImages(this.bench, filters, {});
    expect(this.told(report.ImagesDeleted ?? [])).toEqual(expected);
    expect(this.layerBytesOf(plan.objects)).toBe(before - this.model.bytes());
    expect(plan.dockerBytes).toBe(report.SpaceReclaimed);
  }

  private told(items: readonly { Untagged?: string; Deleted?: string }[]): Line[] {
    return items.map((item) => (item.Untagged === undefined ? `D ${this.words.get(item.Deleted ?? "") ?? item.Deleted}` : `U ${item.Untagged}`));
  }

  private layerBytesOf(objects: readonly { frees: readonly { what: string; bytes: number }[] }[]): number {
    return objects.flatMap((object) => object.frees).reduce((sum, part) => (part.what === "layer" ? sum + part.bytes : sum), 0);
  }

  /** Names, images and layers in the records are the model's. */
  checkRecords(): void {
    this.bench.store.view((tx) => {
      expect(tx.refs.list().map((ref) => `${familiarName(ref.name)} ${ref.imageId}`).toSorted()).toEqual([...this.model.names].map(([name, id]) => `${name} ${id}`).toSorted());
      expect(tx.images.list().map((image) => image.id as string).toSorted()).toEqual(this.model.images.map((image) => image.id as string).toSorted());
      expect(tx.layers.list().map((layer) => this.words.get(layer.chainId)).toSorted()).toEqual([...this.model.liveChains()].toSorted());
      expect(tx.diffs.list().map((diff) => diff.diffId as string).toSorted()).toEqual([...this.model.liveLayers()].map((name) => sha(name) as string).toSorted());
    });
  }

  /** Nothing on the disk that no row knows, and nothing missing. */
  async checkDisk(): Promise<void> {
    expect(await this.bench.store.collect()).toMatchObject({ chains: [], diffs: [], blobs: [] });
    await this.bench.store.idle();
    const known = this.bench.store.view((tx) => ({ layers: tx.diffs.list().map((row) => row.directory), blobs: tx.blobs.list().map((row) => row.digest.slice("sha256:".length)), images: tx.images.size }));
    expect(this.bench.layersOnDisk()).toEqual(known.layers.toSorted());
    expect(this.bench.blobsOnDisk()).toEqual(known.blobs.toSorted());
    expect(known.blobs.length).toBe(known.images);
  }
}

for (const seed of SEEDS) {
  test(`a history of ${STEPS} steps agrees with the model (seed ${seed})`, async () => {
    const bench = await Bench.open();
    const run = new Run(bench, random(seed));
    try {
      for (let step = 0; step < STEPS; step++) {
        await run.step();
        run.checkRecords();
        if (step % 50 === 49) await run.checkDisk();
      }
      await run.checkDisk();
    } catch (error) {
      console.error(`seed ${seed}, last steps:\n${run.trace.slice(-12).join("\n")}`);
      throw error;
    } finally {
      await bench.close();
    }
  });
}
