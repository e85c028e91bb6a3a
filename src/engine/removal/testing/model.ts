// The rules of removal told once more, as simply as can be: names, images and containers in lists, and what is alive found by
// walking from all of them each time. A layer is its digest; a list of layers stands for a chain.
import type { ImageId } from "../../../wire/oci.ts";

export interface ModelImage {
  id: ImageId;
  layers: readonly string[];
  parent: ImageId | undefined;
  label: boolean;
  createdMs: number;
  bytes: number;
}

export interface ModelContainer {
  id: string;
  name: string;
  image: ImageId;
  layers: readonly string[];
  status: "created" | "running" | "exited";
  label: boolean;
  createdMs: number;
}

/** As Docker's reports, in order: `U name`, `D image or chain`. */
export type Line = string;

export class Refusal extends Error {
  constructor(
    message: string,
    /** `kind name`, of everything in the way. */
    readonly blockers: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Filters of an image prune; a container prune knows the first three. */
export interface ModelFilter {
  label?: boolean;
  untilMs?: number;
  largerThan?: number;
  inUse?: boolean;
  repository?: string;
  not?: "label" | "untilMs" | "largerThan" | "repository";
}

export const short = (id: string): string => id.replace("sha256:", "").slice(0, 12);
export const isDigest = (name: string): boolean => name.includes("@");
export const repositoryOf = (name: string): string => (isDigest(name) ? (name.split("@")[0] as string) : name.slice(0, name.lastIndexOf(":")));
const full = (name: string): string => (name.includes("/") ? name : `library/${name}`);

/** Prefixes of a layer list as one string each: what a chain ID stands for. */
export const chainsOf = (layers: readonly string[]): string[] => layers.map((_, index) => layers.slice(0, index + 1).join("/"));

export class Model {
  images: ModelImage[] = [];
  names = new Map<string, ImageId>();
  containers: ModelContainer[] = [];

  image(id: ImageId): ModelImage | undefined {
    return this.images.find((one) => one.id === id);
  }

  namesOf(id: ImageId): string[] {
    return [...this.names].flatMap(([name, of]) => (of === id ? [name] : [])).toSorted((a, b) => (full(a) < full(b) ? -1 : 1));
  }

  liveChains(): Set<string> {
    return new Set([...this.images, ...this.containers].flatMap((holder) => chainsOf(holder.layers)));
  }

  liveLayers(): Set<string> {
    return new Set([...this.images, ...this.containers].flatMap((holder) => holder.layers));
  }

  /** Verb `rm`. */
  removeContainer(id: string, force: boolean): void {
    const container = this.containers.find((one) => one.id === id);
    if (container === undefined) throw new Refusal("No such container");
    if (container.status === "running" && !force) throw new Refusal(`cannot remove container "${container.name}": container is running: stop the container before removing or force remove`);
    this.containers = this.containers.filter((one) => one !== container);
  }

  /** Verb `rmi NAME`. */
  removeName(name: string, force: boolean, prune: boolean, out: Line[]): void {
    const id = this.names.get(name);
    if (id === undefined) throw new Refusal("No such image");
    const user = this.users(id)[0];
    if (!force && this.isSingle(id) && user !== undefined) {
      throw new Refusal(`conflict: unable to remove repository reference "${name}" (must force) - container ${short(user.id)} is using its referenced image ${short(id)}`, this.needers(id));
    }
    this.untag(name, out);
    const siblings = this.namesOf(id).filter((other) => repositoryOf(other) === repositoryOf(name));
    if (!isDigest(name) && siblings.every(isDigest)) for (const sibling of siblings) this.untag(sibling, out);
    if (this.namesOf(id).length === 0) this.drop(id, { force, prune, quiet: true }, out);
  }

  /** Verb `rmi ID`. */
  removeId(id: ImageId, force: boolean, prune: boolean, out: Line[]): void {
    if (this.isSingle(id)) {
      const conflict = this.conflict(id, { stopped: !force, names: false });
      if (conflict !== undefined) throw conflict.refusal;
      for (const name of this.namesOf(id)) this.untag(name, out);
    }
    this.drop(id, { force, prune, quiet: false }, out);
  }

  /** Verb `image prune`. */
  prune(all: boolean, filter: ModelFilter, out: Line[]): void {
    const chosen = this.images.filter((image) => {
      const names = this.namesOf(image.id);
      if (this.childrenOf(image.id).length > 0 && (!all || names.length === 0)) return false;
      return (all || names.every(isDigest)) && this.passes(image, filter) && this.shows(names, filter);
    });
    for (const image of chosen.toSorted((a, b) => b.createdMs - a.createdMs)) {
      if (!this.images.includes(image)) continue;
      const names = this.namesOf(image.id).filter((name) => filter.repository === undefined || this.showsName(name, filter));
      const attempts = names.length === 0 ? [() => this.removeId(image.id, false, true, out)] : names.map((name) => () => this.names.has(name) && this.removeName(name, false, true, out));
      for (const attempt of attempts) ignoringRefusals(attempt);
    }
  }

  /** Verb `container prune`: names of those that go, newest first. */
  pruneContainers(filter: ModelFilter): string[] {
    const going = this.containers.filter((one) => one.status !== "running" && meets(filter, "label", one.label) && meets(filter, "untilMs", one.createdMs <= (filter.untilMs ?? 0)));
    this.containers = this.containers.filter((one) => !going.includes(one));
    return going.toSorted((a, b) => b.createdMs - a.createdMs).map((one) => one.id);
  }

  /** What a plan showed before; throws if that would not do now. */
  removeExactly(lines: readonly Line[]): void {
    for (const line of lines) {
      const [what, name] = line.split(" ") as [string, string];
      if (what === "U") {
        if (!this.names.delete(name)) throw new Error(`${name} was gone`);
        continue;
      }
      const image = this.image(name as ImageId);
      // a layer: it goes if nothing holds it
      if (image === undefined) continue;
      if (this.namesOf(image.id).length > 0 || this.childrenOf(image.id).length > 0 || this.users(image.id).some((one) => one.status === "running")) throw new Error(`${image.id} was needed`);
      this.images = this.images.filter((one) => one !== image);
    }
  }

  private passes(image: ModelImage, filter: ModelFilter): boolean {
    return (
      meets(filter, "label", image.label) &&
      meets(filter, "untilMs", image.createdMs <= (filter.untilMs ?? 0)) &&
      meets(filter, "largerThan", image.bytes > (filter.largerThan ?? 0)) &&
      (filter.inUse === undefined || this.users(image.id).length > 0 === filter.inUse)
    );
  }

  /** Some name must be shown; an image without names has none to show. */
  private shows(names: readonly string[], filter: ModelFilter): boolean {
    return filter.repository === undefined || names.some((name) => this.showsName(name, filter));
  }

  private showsName(name: string, filter: ModelFilter): boolean {
    return (repositoryOf(name) === filter.repository) === (filter.not !== "repository");
  }

  private childrenOf(id: ImageId): ModelImage[] {
    return this.images.filter((image) => image.parent === id);
  }

  /** Running ones first, then by age. */
  private users(id: ImageId): ModelContainer[] {
    return this.containers.filter((one) => one.image === id).toSorted((a, b) => Number(b.status === "running") - Number(a.status === "running") || a.createdMs - b.createdMs);
  }

  private needers(id: ImageId): string[] {
    return [...this.users(id).map((one) => `container ${one.name} ${one.status}`), ...this.childrenOf(id).map((child) => `image ${this.namesOf(child.id)[0] ?? short(child.id)}`)];
  }

  private isSingle(id: ImageId): boolean {
    const names = this.namesOf(id);
    const tags = names.filter((name) => !isDigest(name)).length;
    return names.length < 2 || (tags < 2 && new Set(names.map(repositoryOf)).size === 1);
  }

  private untag(name: string, out: Line[]): void {
    this.names.delete(name);
    out.push(`U ${name}`);
  }

  /** Deletes or says why not; `quiet` forgives what Docker forgives. */
  private drop(id: ImageId, { force, prune, quiet }: { force: boolean; prune: boolean; quiet: boolean }, out: Line[]): void {
    const image = this.image(id);
    if (image === undefined) return;
    const conflict = this.conflict(id, { stopped: !force, names: !force });
    if (conflict !== undefined) {
      if (quiet && (conflict.used || this.namesOf(id).length > 0 || this.childrenOf(id).length > 0)) return;
      throw conflict.refusal;
    }
    for (const name of this.namesOf(id)) this.untag(name, out);
    const before = this.liveChains();
    this.images = this.images.filter((one) => one !== image);
    const after = this.liveChains();
    out.push(`D ${id}`);
    // top first
    for (const chain of chainsOf(image.layers).toReversed()) if (before.has(chain) && !after.has(chain)) out.push(`D ${chain}`);
    if (prune && image.parent !== undefined) this.drop(image.parent, { force: false, prune: true, quiet: true }, out);
  }

  private conflict(id: ImageId, check: { stopped: boolean; names: boolean }): { used: boolean; refusal: Refusal } | undefined {
    const say = (used: boolean, kind: string, why: string) => ({
      used,
      refusal: new Refusal(`conflict: unable to delete ${short(id)} (${kind}) - ${why}`, [...this.needers(id), ...this.namesOf(id).map((name) => `tag ${name}`)]),
    });
    const [first] = this.users(id);
    if (this.childrenOf(id).length > 0) return say(false, "cannot be forced", "image has dependent child images");
    if (first?.status === "running") return say(true, "cannot be forced", `image is being used by running container ${short(first.id)}`);
    if (check.names && this.namesOf(id).length > 0) return say(false, "must be forced", "image is referenced in multiple repositories");
    if (check.stopped && first !== undefined) return say(true, "must be forced", `image is being used by stopped container ${short(first.id)}`);
    return undefined;
  }
}

function meets(filter: ModelFilter, key: "label" | "untilMs" | "largerThan", truth: boolean): boolean {
  return filter[key] === undefined || truth === (filter.not !== key);
}

function ignoringRefusals(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
