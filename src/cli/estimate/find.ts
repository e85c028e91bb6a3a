// Names as users type them → the facts they mean.
import type { ContainerFact, Facts, ImageFact } from "./facts.ts";

export function findContainer(facts: Facts, name: string): ContainerFact | undefined {
  const bare = name.replace(/^\//, "");
  return facts.containers.find((container) => container.id === bare || container.name === bare) ?? facts.containers.find((container) => container.id.startsWith(bare));
}

export interface FoundImage {
  readonly image: ImageFact;
  readonly byId: boolean;
  /** The name that was meant, when it was not an ID. */
  readonly reference?: string;
}

export function findImage(facts: Facts, name: string): FoundImage | undefined {
  const tagged = name.includes("@") || name.lastIndexOf(":") > name.lastIndexOf("/") ? name : `${name}:latest`;
  const plain = tagged.replace(/^docker\.io\/(library\/)?/, "");
  const named = facts.images.find((image) => image.names.includes(plain));
  if (named) return { image: named, byId: false, reference: plain };
  const hex = name.replace(/^sha256:/, "");
  const byId = /^[0-9a-f]+$/.test(hex) ? facts.images.find((image) => image.id.slice(7).startsWith(hex)) : undefined;
  return byId ? { image: byId, byId: true } : undefined;
}

export function repositoryOf(name: string): string {
  return name.includes("@") ? name.slice(0, name.indexOf("@")) : name.slice(0, name.lastIndexOf(":"));
}
