// Room on the disk is looked at before a pull begins: too little is told then, with what could be removed, not half way.
import { statfsSync } from "node:fs";
import { unavailable } from "../../base/errors.ts";
import type { Descriptor, DiffId } from "../../wire/oci.ts";
import { humanSize } from "../../wire/human-size.ts";
import type { Engine } from "../engine.ts";
import { planFree } from "../removal/free.ts";
import type { Plan } from "../removal/plan.ts";

/** Never planned with: metadata, logs and running containers write too. */
const SPARE_BYTES = 48 << 20;
/** What is compressed is at least so much bigger when unpacked: a guess that refuses only what hardly had a chance. */
const GROWTH = 1.8;
const LAST_BYTES = 16 << 20;
const LOOK_MS = 50;
const NAMED = 3;

/** `unavailable` if what is missing of the layers does not fit. */
export function checkSpace(engine: Pick<Engine, "store" | "config">, layers: readonly Descriptor[], diffIds: readonly DiffId[]): void {
  const missing = engine.store.view((tx) => layers.filter((_, index) => !tx.diffs.has(diffIds[index] ?? "sha256:")));
  const neededBytes = missing.reduce((sum, layer) => sum + unpackedBytes(layer), 0);
  if (neededBytes === 0) return;
  const { bavail, bsize } = statfsSync(engine.config.root);
  const freeBytes = Math.max(bavail * bsize - SPARE_BYTES, 0);
  if (neededBytes <= freeBytes) return;
  const plan = planFree(engine, neededBytes - freeBytes);
  throw unavailable(refusal(neededBytes, freeBytes, plan), { neededBytes, freeBytes, plan });
}

/** What grows beyond every guess is stopped before it takes the last byte from everybody else. */
export async function whileSpaceLasts<T>({ config }: Pick<Engine, "config">, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const look = (): void => {
    const { bavail, bsize } = statfsSync(config.root);
    if (bavail * bsize < LAST_BYTES) stop.abort(unavailable("failed to register layer: no space left on device"));
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    return await work(AbortSignal.any([signal, stop.signal]));
  } finally {
    clearInterval(timer);
  }
}

function unpackedBytes({ size, mediaType }: Descriptor): number {
  return /[.+](gzip|zstd)$/.test(mediaType) ? Math.ceil(size * GROWTH) : size;
}

function refusal(neededBytes: number, freeBytes: number, plan: Plan): string {
  const missingBytes = neededBytes - freeBytes;
  const text = `no space left on device: the image needs about ${humanSize(neededBytes)}, ${humanSize(freeBytes)} are free`;
  const tagged = new Set(plan.objects.flatMap(({ kind, imageId }) => (kind === "tag" && imageId !== undefined ? [imageId as string] : [])));
  const names = plan.objects.filter(({ kind, id, name }) => (kind === "tag" && !name.includes("@")) || (kind === "image" && !tagged.has(id))).map(({ name }) => name);
  if (names.length === 0) return `${text}, and no unused image could be removed`;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const enough = plan.freesBytes >= missingBytes ? `'berth free ${Math.ceil(missingBytes / 1e6)}MB' would make enough room` : "removing all unused images would not make enough room";
  return `${text}; ${enough} (${humanSize(plan.freesBytes)} from ${names.slice(0, NAMED).join(", ")}${more})`;
}
