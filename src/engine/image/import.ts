// docker import: a root file system's tar becomes an image of one layer.
import { invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { type Actor, endLease, openLease } from "../../store/store.ts";
import { type ImageConfig, type ImageId, MEDIA } from "../../wire/oci.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import { parseReference } from "../../wire/reference.ts";
import type { Engine } from "../engine.ts";
import { applyChanges } from "./changes.ts";
import { fetchSource } from "./import-source.ts";
import { canonicalReference } from "./names.ts";
import { hostPlatform, parsePlatform } from "./platform.ts";
import { recordImage } from "./record.ts";
import { setReference } from "./tag.ts";

export interface ImportRequest {
  repo?: string;
  tag?: string;
  message?: string;
  /** Dockerfile instructions. */
  changes: readonly string[];
  platform?: string;
  actor: Actor;
}

export type ImportParts = Pick<Engine, "store" | "events" | "clock" | "config" | "log">;

/** `source` is the body, or an URL to fetch. */
export async function importImage(engine: ImportParts, source: AsyncIterable<Uint8Array> | string, request: ImportRequest, progress: ProgressSink, signal: AbortSignal): Promise<ImageId> {
  const { store, events, clock } = engine;
  const name = nameOf(request);
  const config = applyChanges({}, request.changes);
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  if (platform.os !== "linux") throw invalid("operating system is not supported");
  const from = typeof source === "string" ? source : "-";
  const leaseId = openLease(store, "import", clock.nowMs());
  try {
    const bytes = typeof source === "string" ? await fetchSource(source, progress, signal) : source;
    const { row: diff } = await store.layers.ingest(bytes, { leaseId, signal });
    const created = clock.nowRfc3339();
    const comment = request.message === undefined || request.message === "" ? `Imported from ${from}` : request.message;
    const parsed: ImageConfig = {
      architecture: platform.architecture,
      ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      os: platform.os,
      config,
      created,
      comment,
      history: [{ created, comment }],
      rootfs: { type: "layers", diff_ids: [diff.diffId] },
    };
    const blob = store.content.write(Buffer.from(JSON.stringify(parsed)), MEDIA.dockerConfig, leaseId);
    store.update((tx) => {
      const image = recordImage(tx, { config: blob, parsed, diffs: [diff], how: "import", from, actor: request.actor, nowMs: clock.nowMs() });
      if (name !== undefined) setReference(tx, events, { name, imageId: image.id, nowMs: clock.nowMs(), by: request.actor, announce: true });
      events.add(tx, { type: "image", action: "import", actorId: image.id, attributes: { name: image.id }, by: request.actor });
    });
    failpoint("image:after-row");
    progress({ status: blob.digest });
    return blob.digest;
  } finally {
    endLease(store, leaseId);
  }
}

function nameOf({ repo = "", tag = "" }: ImportRequest): string | undefined {
  if (repo === "") return undefined;
  const reference = parseReference(repo);
  if (reference.digest !== undefined) throw invalid("cannot import digest reference");
  return canonicalReference(tag === "" ? reference : { ...reference, tag: parseReference(`x:${tag}`).tag ?? tag });
}
