// A random history: every step is done by the engine's own verbs on real files and told to the model; then both must agree on
// lists, refusals and blockers, and on the disk exactly what the plan had said must be gone.
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import { type TestEngine, startTestEngine } from "../../../../test/support/engine.ts";
import { tarOf } from "../../../../test/support/tar-text.ts";
import { EngineError, kindOf } from "../../../base/errors.ts";
import type { ContainerRow, ImageRow } from "../../../store/store.ts";
import type { Filters } from "../../../wire/filters.ts";
import type { ImageId } from "../../../wire/oci.ts";
import { familiarName } from "../../../wire/reference.ts";
import { createContainer } from "../../container/create.ts";
import { removeContainer } from "../../container/remove.ts";
import { startContainer } from "../../container/start.ts";
import { stopContainer } from "../../container/stop.ts";
import { rfc3339 } from "../../clock.ts";
import { commitContainer } from "../../image/commit.ts";
import { importImage } from "../../image/import.ts";
import { removeImage } from "../../image/remove.ts";
import { setReference, tagImage } from "../../image/tag.ts";
import { applyPlan } from "../apply.ts";
import { makePlan, type PlanRequest } from "../make-plan.ts";
import type { Blocker, Plan } from "../plan.ts";
import { pruneContainers, pruneImages } from "../prune.ts";
import { imageDeleteItems } from "../report.ts";
import { diskBytes, namesOnDisk } from "./disk.ts";
import { chainsOf, type Line, Model, type ModelContainer, type ModelFilter, type ModelImage, Refusal, repositoryOf, short } from "./model.ts";

/** Contents of layers, by number: files and bytes of each. */
const PACKS: readonly (readonly [files: number, bytes: number])[] = [[1, 10], [1, 5_000], [3, 100], [2, 40_000], [5, 4_096], [0, 0]];
const TAGS = ["a:1", "a:2", "b:1", "b:2", "c/d:1", "c/d:latest"];
const DIGESTS = ["a", "b", "c/d"].flatMap((repository) => ["1", "2"].map((digit) => `${repository}@sha256:${digit.repeat(64)}`));
const MOST_IMAGES = 24;
const MOST_CONTAINERS = 14;
const EPOCH_S = 1_700_000_000;
const actor = {};

/** mulberry32 */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface Expected {
  model: Model;
  lines: Line[];
  refusal?: Refusal;
}

export class History {
  readonly trace: string[] = [];
  readonly done: Record<string, number> = {};
  /** Bytes that plans said would come back, and that did. */
  freedBytes = 0;
  private model = new Model();
  /** Chain ID → the model's word for it. */
  private readonly words = new Map<string, string>();
  private readonly layerBytes = new Map<string, number>();
  private count = 0;

  private constructor(
    private readonly t: TestEngine,
    private readonly pick: (below: number) => number,
  ) {}

  static async begin(seed: number, directory: string): Promise<History> {
    const t = await startTestEngine({ directory });
    t.nowMs = Date.now();
    return new History(t, random(seed));
  }

  close(): Promise<void> {
    return this.t.close();
  }

  private readonly kinds: readonly [weight: number, step: string, (this: History) => Promise<void>][] = [
    [9, "import", this.import], [12, "tag", this.tag], [5, "digest", this.digest], [11, "create", this.create], [8, "start", this.start], [6, "stop", this.stop], [8, "rm", this.remove],
    [8, "commit", this.commit], [14, "rmi name", this.removeName], [9, "rmi id", this.removeId], [4, "rmi several", this.removeSeveral], [4, "image prune", this.pruneImages],
    [3, "container prune", this.pruneContainers], [1, "system prune", this.pruneSystem], [3, "stale plan", this.stalePlan], [1, "collect", async () => void (await this.t.engine.store.collect())],
  ];

  async step(): Promise<void> {
    this.t.nowMs += 1000;
    this.count++;
    let roll = this.pick(this.kinds.reduce((sum, [weight]) => sum + weight, 0));
    const kind = this.kinds.find(([weight]) => (roll -= weight) < 0);
    if (kind === undefined) return;
    this.done[kind[1]] = (this.done[kind[1]] ?? 0) + 1;
    this.trace.push(kind[1]);
    await kind[2].call(this);
    this.checkRecords();
    await this.checkDisk();
  }

  private note(text: string): void {
    this.trace[this.trace.length - 1] += ` ${text}`;
  }

  private one<T>(list: readonly T[]): T | undefined {
    return list[this.pick(list.length)];
  }

  private chance(outOf: number): boolean {
    return this.pick(outOf) === 0;
  }

  private async import(): Promise<void> {
    if (this.model.images.length >= MOST_IMAGES) return;
    const pack = this.pick(PACKS.length);
    const label = this.chance(3);
    const name = this.chance(3) ? undefined : (this.one(TAGS) as string);
    const id = await importImage(
      this.t.engine,
      (async function* () {
        yield tarOf(packFiles(pack).map(([file, content]) => ({ name: file, content, mtime: EPOCH_S })));
      })(),
      { ...(name === undefined ? {} : { repo: name }), changes: ["CMD sleep", ...(label ? ["LABEL keep=1"] : [])], actor },
      () => undefined,
      new AbortController().signal,
    );
    this.note(`${short(id)} ${name ?? "-"} of pack ${pack}`);
    this.learnImage(id, name, { label, parent: undefined });
  }

  private learnImage(id: ImageId, name: string | undefined, { label, parent }: Pick<ModelImage, "label" | "parent">): void {
    const row = this.t.engine.store.view((tx) => tx.images.find(id)) as ImageRow;
    const layers = row.diffIds as readonly string[];
    chainsOf(layers).forEach((word, index) => this.words.set(row.chainIds[index] as string, word));
    this.t.engine.store.view((tx) => row.diffIds.forEach((diffId) => this.layerBytes.set(diffId, tx.diffs.find(diffId)?.diskBytes ?? 0)));
    this.model.images.push({ id, layers, parent, label, createdMs: this.t.nowMs, bytes: row.sizeBytes });
    if (name !== undefined) this.model.names.set(name, id);
  }

  private async tag(): Promise<void> {
    const image = this.one(this.model.images);
    if (image === undefined) return;
    const name = this.one(TAGS) as string;
    const source = this.one([image.id, ...this.model.namesOf(image.id)]) as string;
    tagImage(this.t.engine, source, repositoryOf(name), name.slice(name.lastIndexOf(":") + 1), actor);
    this.model.names.set(name, image.id);
    this.note(`${short(source)} ${name}`);
  }

  /** As a pull leaves it. */
  private async digest(): Promise<void> {
    const image = this.one(this.model.images);
    if (image === undefined) return;
    const { store, events } = this.t.engine;
    const name = this.one(DIGESTS) as string;
    store.update((tx) => setReference(tx, events, { name: `docker.io/${name.includes("/") ? "" : "library/"}${name}`, imageId: image.id, nowMs: this.t.nowMs, announce: false }));
    this.model.names.set(name, image.id);
    this.note(`${short(image.id)} ${name.slice(0, 20)}`);
  }

  private async create(): Promise<void> {
    const image = this.one(this.model.images);
    if (image === undefined || this.model.containers.length >= MOST_CONTAINERS) return;
    const label = this.chance(3);
    const name = `c${this.count}`;
    const { Id } = await createContainer(this.t.engine, { name, body: { Image: image.id, Cmd: ["sleep"], ...(label ? { Labels: { keep: "1" } } : {}), HostConfig: { NetworkMode: "none" } }, actor });
    this.model.containers.push({ id: Id, name, image: image.id, layers: image.layers, status: "created", label: label || image.label, createdMs: this.t.nowMs });
    this.note(`${name} ${short(Id)} of ${short(image.id)}`);
  }

  private async start(): Promise<void> {
    const container = this.one(this.model.containers);
    if (container === undefined) return;
    this.note(container.name);
    const started = startContainer(this.t.engine, container.id, { actor });
    if (container.status === "running") expect(await kindOfFailure(started)).toBe("not_modified");
    else await started;
    container.status = "running";
    this.write(container);
  }

  /** What a program in it might: nothing, or some files of a pack. */
  private write(container: ModelContainer): void {
    const { engine, root } = this.t;
    const row = engine.store.view((tx) => tx.containers.find(container.id)) as ContainerRow;
    const upper = join(root, "data/rw", row.directory, "diff");
    for (const [file, content] of this.chance(4) ? [] : packFiles(this.pick(PACKS.length))) {
      const path = join(upper, file);
      if (file.endsWith("/")) mkdirSync(path, { recursive: true });
      else writeFileSync(path, content);
      utimesSync(path, EPOCH_S, EPOCH_S);
    }
  }

  private async stop(): Promise<void> {
    const container = this.one(this.model.containers);
    if (container === undefined) return;
    this.note(container.name);
    const stopped = stopContainer(this.t.engine, container.id, { actor });
    if (container.status !== "running") return void expect(await kindOfFailure(stopped)).toBe("not_modified");
    await stopped;
    container.status = "exited";
  }

  private async commit(): Promise<void> {
    const container = this.one(this.model.containers);
    if (container === undefined || this.model.images.length >= MOST_IMAGES) return;
    const name = this.chance(3) ? undefined : (this.one(TAGS) as string);
    const { Id } = await commitContainer(this.t.engine, container.name, { ...(name === undefined ? {} : { repo: name }), pause: true, changes: [], actor });
    this.note(`${container.name} ${name ?? "-"} gives ${short(Id)}`);
    this.learnImage(Id as ImageId, name, { label: container.label, parent: this.model.image(container.image)?.id });
  }

  private async remove(): Promise<void> {
    const container = this.one(this.model.containers);
    if (container === undefined) return;
    const force = this.chance(3);
    this.note(`${container.name}${force ? " -f" : ""}`);
    const expected = this.expect((model) => model.removeContainer(container.id, force));
    const plan = await makePlan(this.t.engine, { remove: { containers: [container.name], force } });
    if (expected.refusal !== undefined) {
      expect(plan).toMatchObject({ objects: [], kept: [{ id: container.id, reason: "container is running" }] });
      return this.refused(expected.refusal, () => removeContainer(this.t.engine, container.name, { force, actor }));
    }
    await this.frees(expected, plan, () => removeContainer(this.t.engine, container.name, { force, actor }));
  }

  private async removeName(): Promise<void> {
    const name = this.one([...TAGS, ...TAGS, ...DIGESTS]) as string;
    const { force, noPrune } = this.flags();
    this.note(name.slice(0, 20));
    await this.removeImage(name, { force, noPrune }, (model, lines) => model.removeName(name, force, !noPrune, lines));
  }

  private async removeId(): Promise<void> {
    const image = this.one(this.model.images);
    if (image === undefined) return;
    const { force, noPrune } = this.flags();
    this.note(short(image.id));
    const typed = this.one([image.id, image.id.slice("sha256:".length), image.id.slice(0, 7 + 40), short(image.id)]) as string;
    await this.removeImage(typed, { force, noPrune }, (model, lines) => model.removeId(image.id, force, !noPrune, lines));
  }

  private flags(): { force: boolean; noPrune: boolean } {
    const flags = { force: this.chance(3), noPrune: this.chance(4) };
    this.note(`${flags.force ? "-f " : ""}${flags.noPrune ? "--no-prune" : ""}`);
    return flags;
  }

  private async removeImage(typed: string, options: { force: boolean; noPrune: boolean }, onModel: (model: Model, lines: Line[]) => void): Promise<void> {
    const { engine } = this.t;
    const expected = this.expect(onModel);
    const request: PlanRequest = { remove: { images: [typed], ...options } };
    if (expected.refusal !== undefined) {
      await this.keeps(expected.refusal, () => makePlan(engine, request));
      return this.refused(expected.refusal, () => removeImage(engine, typed, { ...options, actor }));
    }
    const plan = await makePlan(engine, request);
    await this.frees(expected, plan, async () => expect(this.told(await removeImage(engine, typed, { ...options, actor }))).toEqual(expected.lines));
  }

  /** A conflict stands in the plan; what is not there is no plan. */
  private async keeps(refusal: Refusal, plan: () => Promise<Plan>): Promise<void> {
    if (!refusal.message.startsWith("conflict: ")) return this.refused(refusal, plan);
    const { objects, kept } = await plan();
    expect(objects).toEqual([]);
    expect(kept.map(({ reason, blockers }) => ({ reason, blockers: blockers.map(blockerText).toSorted() }))).toEqual([{ reason: refusal.message, blockers: [...refusal.blockers].toSorted() }]);
  }

  /** Several at once, by a plan: those that can go, and what keeps the others. */
  private async removeSeveral(): Promise<void> {
    const { force, noPrune } = this.flags();
    const names = Array.from({ length: 2 + this.pick(3) }, () => this.one([...this.model.names.keys()])).filter((name) => name !== undefined);
    if (names.length === 0) return;
    this.note(names.map((name) => name.slice(0, 20)).join(" "));
    const refusals: string[] = [];
    const expected = this.expect((model, lines) => {
      for (const name of names) {
        // an earlier one took it along
        if (!model.names.has(name)) continue;
        const before = lines.length;
        try {
          model.removeName(name, force, !noPrune, lines);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          expect(lines.length).toBe(before);
          refusals.push(error.message);
        }
      }
    });
    const plan = await makePlan(this.t.engine, { remove: { images: names, force, noPrune } });
    expect(plan.kept.map((kept) => kept.reason)).toEqual(refusals);
    await this.applied(expected, plan);
  }

  private async pruneImages(): Promise<void> {
    const all = this.chance(2);
    const filter = this.filter("images");
    const filters = filtersOf(filter, [["dangling", [String(!all)]]]);
    const expected = this.expect((model, lines) => model.prune(all, filter, lines));
    const plan = await makePlan(this.t.engine, { prune: { images: { filters } } });
    if (this.chance(3)) return this.applied(expected, plan);
    await this.frees(expected, plan, async () => {
      const report = await pruneImages(this.t.engine, filters, actor);
      expect(this.told(report.ImagesDeleted ?? [])).toEqual(expected.lines);
      expect(report.SpaceReclaimed).toBe(plan.dockerBytes);
    });
  }

  private async pruneContainers(): Promise<void> {
    const filter = this.filter("containers");
    const filters = filtersOf(filter);
    let gone: string[] = [];
    const expected = this.expect((model) => void (gone = model.pruneContainers(filter)));
    const plan = await makePlan(this.t.engine, { prune: { containers: { filters } } });
    expect(plan.objects.map((object) => object.id)).toEqual(gone);
    if (this.chance(3)) return this.applied(expected, plan);
    await this.frees(expected, plan, async () => expect((await pruneContainers(this.t.engine, filters, actor)).ContainersDeleted ?? []).toEqual(gone));
  }

  private async pruneSystem(): Promise<void> {
    const all = this.chance(3);
    const expected = this.expect((model, lines) => {
      model.pruneContainers({});
      model.prune(all, {}, lines);
    });
    await this.applied(expected, await makePlan(this.t.engine, { prune: { containers: { filters: new Map() }, images: { filters: new Map([["dangling", [String(!all)]]]) } } }));
  }

  private filter(of: "images" | "containers"): ModelFilter {
    const filter: ModelFilter = {};
    if (this.chance(3)) filter.label = true;
    if (this.chance(3)) filter.untilMs = this.t.nowMs - this.pick(40) * 1000;
    if (of === "images" && this.chance(4)) filter.largerThan = this.one([0, 100, 5_000, 20_000]) as number;
    if (of === "images" && this.chance(5)) filter.inUse = this.chance(2);
    if (of === "images" && this.chance(4)) filter.repository = this.one(["a", "b", "c/d"]) as string;
    const not = this.chance(2) ? this.one((["label", "untilMs", "largerThan", "repository"] as const).filter((key) => filter[key] !== undefined)) : undefined;
    if (not !== undefined) filter.not = not;
    this.note(JSON.stringify(filter));
    return filter;
  }

  /** A plan, then a change, then the plan: done as it was shown, or refused and nothing done. */
  private async stalePlan(): Promise<void> {
    const { engine } = this.t;
    const name = this.one([...this.model.names.keys()]);
    if (name === undefined) return;
    this.note(name.slice(0, 20));
    const before = this.expect((model, lines) => model.removeName(name, true, true, lines));
    if (before.refusal !== undefined) return;
    const plan = await makePlan(engine, { remove: { images: [name], force: true } });
    await this.one([this.tag, this.create, this.digest, this.start, this.stop, this.removeName])?.call(this);
    try {
      const { removed } = await applyPlan(engine, plan.token, actor);
      expect(this.told(imageDeleteItems(removed))).toEqual(before.lines);
      this.model.removeExactly(before.lines);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      expect(error.message).toStartWith("the plan is out of date: ");
      expect(error.detail["changes"]).not.toEqual([]);
      this.note("is out of date");
    }
    // it can be used once
    await expect(applyPlan(engine, plan.token, actor)).rejects.toThrow("No such plan");
  }

  /** What the model says, on a copy. */
  private expect(work: (model: Model, lines: Line[]) => void): Expected {
    const model = new Model();
    model.images = [...this.model.images];
    model.names = new Map(this.model.names);
    model.containers = [...this.model.containers];
    const lines: Line[] = [];
    try {
      work(model, lines);
      return { model, lines };
    } catch (error) {
      if (error instanceof Refusal) return { model: this.model, lines: [], refusal: error };
      throw error;
    }
  }

  private async refused(refusal: Refusal, act: () => Promise<unknown>): Promise<void> {
    this.note(`refused: ${refusal.message.slice(0, 60)}`);
    const failure = await act().then(
      () => new Error("it was done"),
      (error: Error) => error,
    );
    expect(failure.message).toStartWith(refusal.message);
    const blockers = failure instanceof EngineError ? ((failure.detail["blockers"] ?? []) as Blocker[]) : [];
    expect(blockers.map(blockerText).toSorted()).toEqual([...refusal.blockers].toSorted());
  }

  private async applied(expected: Expected, plan: Plan & { token: string }): Promise<void> {
    expect(expected.refusal).toBeUndefined();
    await this.frees(expected, plan, async () => {
      const { removed, freedBytes } = await applyPlan(this.t.engine, plan.token, actor);
      expect(this.told(imageDeleteItems(removed))).toEqual(expected.lines);
      expect(freedBytes).toBe(plan.freesBytes);
    });
  }

  /** The plan's bytes come back on the disk, exactly; its layers are those that nothing stands on any more. */
  private async frees(expected: Expected, plan: Plan, act: () => Promise<unknown>): Promise<void> {
    const { store } = this.t.engine;
    const staying = expected.model.liveLayers();
    const going = [...this.model.liveLayers()].filter((layer) => !staying.has(layer)).map((layer) => `${layer} ${this.layerBytes.get(layer)}`);
    const parts = plan.objects.flatMap((object) => object.frees);
    expect(parts.filter((part) => part.what === "layer").map((part) => `${part.id} ${part.bytes}`).toSorted()).toEqual(going.toSorted());
    const dataRoot = join(this.t.root, "data");
    await store.idle();
    const before = diskBytes(dataRoot);
    await act();
    this.model = expected.model;
    await store.idle();
    const freed = before - diskBytes(dataRoot);
    expect({ freed }).toEqual({ freed: plan.freesBytes });
    this.freedBytes += freed;
  }

  private told(items: readonly { Untagged?: string; Deleted?: string }[]): Line[] {
    return items.map((item) => (item.Untagged === undefined ? `D ${this.words.get(item.Deleted ?? "") ?? item.Deleted}` : `U ${item.Untagged}`));
  }

  /** Names, images, containers and layers in the records are the model's. */
  private checkRecords(): void {
    const { model, words } = this;
    this.t.engine.store.view((tx) => {
      expect(tx.refs.list().map((ref) => `${familiarName(ref.name)} ${ref.imageId}`).toSorted()).toEqual([...model.names].map(([name, id]) => `${name} ${id}`).toSorted());
      expect(tx.images.list().map((image) => image.id as string).toSorted()).toEqual(model.images.map((image) => image.id as string).toSorted());
      expect(tx.containers.list().map((row) => `${row.name} ${row.state.Status}`).toSorted()).toEqual(model.containers.map((one) => `${one.name} ${one.status}`).toSorted());
      expect(tx.layers.list().map((layer) => words.get(layer.chainId)).toSorted()).toEqual([...model.liveChains()].toSorted());
      expect(tx.diffs.list().map((diff) => diff.diffId as string).toSorted()).toEqual([...model.liveLayers()].toSorted());
      expect(tx.leases.size).toBe(0);
    });
  }

  /** Nothing is there that no row knows, and nothing is missing. */
  private async checkDisk(): Promise<void> {
    const { store } = this.t.engine;
    if (this.count % 10 === 0) expect(await store.collect()).toMatchObject({ chains: [], diffs: [], blobs: [] });
    await store.idle();
    const known = store.view((tx) => ({
      layers: tx.diffs.list().map((row) => row.directory).toSorted(),
      rw: tx.containers.list().map((row) => row.directory).toSorted(),
      containers: tx.containers.list().map((row) => row.id).toSorted(),
      "blobs/sha256": tx.images.list().map((row) => row.id.slice("sha256:".length)).toSorted(),
      trash: [],
    }));
    expect(namesOnDisk(join(this.t.root, "data"))).toEqual(known);
  }
}

function packFiles(pack: number): [name: string, content: string][] {
  const [files, bytes] = PACKS[pack] ?? [0, 0];
  return files === 0 ? [] : [[`pack${pack}/`, ""], ...Array.from({ length: files }, (_, index): [string, string] => [`pack${pack}/${index}`, `${index}`.padEnd(bytes, ".")])];
}

const WORDS: Readonly<Record<string, (value: never, nowMs: number) => string>> = {
  label: () => "keep=1",
  untilMs: (ms: number) => rfc3339(BigInt(ms) * 1_000_000n),
  largerThan: String,
  inUse: String,
  repository: (name: string) => name,
};
const KEYS: Readonly<Record<string, string>> = { label: "label", untilMs: "until", largerThan: "larger-than", inUse: "in-use", repository: "reference" };

function filtersOf(filter: ModelFilter, more: [string, string[]][] = []): Filters {
  const { not, ...given } = filter;
  return new Map([...more, ...Object.entries(given).map(([key, value]): [string, string[]] => [`${KEYS[key]}${not === key ? "!" : ""}`, [(WORDS[key] as (value: unknown) => string)(value)]])]);
}

function blockerText({ kind, name, state }: Blocker): string {
  return state === undefined ? `${kind} ${name}` : `${kind} ${name} ${state}`;
}

async function kindOfFailure(work: Promise<unknown>): Promise<string> {
  return work.then(() => "no failure", kindOf);
}
