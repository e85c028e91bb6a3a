// Container names: found, checked, reserved, invented.
import { randomInt } from "node:crypto";
import { conflict, invalid, notFound } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";
import { ADJECTIVES, SURNAMES } from "./name-words.ts";

type Containers = Pick<Reader, "containers">;

/** Full id, then name (leading slash optional), then unique id prefix. */
export function resolveContainer(tx: Containers, name: string): ContainerRow {
  if (name === "") throw invalid(`invalid name or ID supplied: ""`);
  const exact = tx.containers.find(name) ?? tx.containers.by("name", name.replace(/^\//, ""))[0];
  if (exact !== undefined) return exact;
  const [id, other] = tx.containers.idsWithPrefix(name, 2);
  if (other !== undefined) throw invalid(`multiple IDs found with provided prefix: ${name}`);
  const row = id === undefined ? undefined : tx.containers.find(id);
  if (row === undefined) throw notFound(`No such container: ${name}`, { container: name });
  return row;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Cuts the leading slash; throws for what cannot be a name, quoting `shown`. */
export function parseContainerName(name: string, shown: string = name): string {
  const bare = name.replace(/^\//, "");
  if (!NAME.test(bare)) throw invalid(`Invalid container name (${shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  return bare;
}

/** Call in the transaction that puts the row. */
export function assertNameFree(tx: Containers, name: string): void {
  const holder = tx.containers.by("name", name)[0];
  if (holder === undefined) return;
  throw conflict(
    `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`,
    { container: holder.id, name },
  );
}

const TRIES = 6;

/** adjective_surname; a number is added when luck runs out. */
export function inventName(tx: Containers, random: (below: number) => number = randomInt): string {
  const pick = (words: readonly string[]): string => words[random(words.length)] ?? "";
  for (let attempt = 0; ; attempt++) {
    const suffix = attempt < TRIES ? "" : String(random(10 ** Math.min(attempt - TRIES + 1, 9)));
    const name = `${pick(ADJECTIVES)}_${pick(SURNAMES)}${suffix}`;
    if (!tx.containers.any("name", name)) return name;
  }
}
