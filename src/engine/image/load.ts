// docker load: archives of Docker (old and new), Podman, skopeo, buildah and crane, and OCI layouts, compressed or not.
import { invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { decompress } from "../../linux/decompress.ts";
import { type Actor, endLease, openLease } from "../../store/store.ts";
import type { ProgressSink } from "../../wire/progress.ts";
import { TarError } from "../../wire/tar/tar-header.ts";
import type { Engine } from "../engine.ts";
import { collectArchive } from "./load-collect.ts";
import { nameLoaded } from "./load-names.ts";
import { imagesOf } from "./load-images.ts";
import { linkParents, parentsOf } from "./load-parents.ts";
import { parsePlatform } from "./platform.ts";
import { recordImage } from "./record.ts";

export type LoadParts = Pick<Engine, "store" | "events" | "clock" | "log">;

export interface LoadRequest {
  quiet: boolean;
  platforms?: readonly string[];
  actor: Actor;
}

export async function loadImages(engine: LoadParts, source: AsyncIterable<Uint8Array>, request: LoadRequest, progress: ProgressSink, signal: AbortSignal): Promise<void> {
  const { store, events, clock } = engine;
  const leaseId = openLease(store, "load", clock.nowMs());
  try {
    const archive = await collected(engine, source, { leaseId, signal, progress: request.quiet ? () => undefined : progress });
    const platforms = (request.platforms ?? []).map(parsePlatform);
    const images = imagesOf(archive, platforms);
    if (images.length === 0 && platforms.length > 0) throw invalid(`requested platform (${(request.platforms ?? []).join(",")}) not found: not found`);
    let ids = "";
    const parents = parentsOf(images);
    for (const image of images) {
      const blob = store.content.write(image.configBytes, image.configMediaType, leaseId);
      const messages = store.update((tx) => {
        const row = recordImage(tx, { config: blob, parsed: image.config, diffs: image.layers, how: "load", actor: request.actor, nowMs: clock.nowMs() });
        events.add(tx, { type: "image", action: "load", actorId: row.id, attributes: { ...row.labels, name: row.id }, by: request.actor });
        return nameLoaded(tx, events, { image: row, names: image.names, nowMs: clock.nowMs(), by: request.actor });
      });
      failpoint("image:after-row");
      for (const stream of messages) progress({ stream });
      ids += `Loaded image ID: ${blob.digest}\n`;
    }
    store.update((tx) => linkParents(tx, parents));
    // if the last one has no name, the IDs of all are told: scripts know it from Docker
    if ((images.at(-1)?.names ?? []).length === 0) progress({ stream: ids });
  } finally {
    endLease(store, leaseId);
  }
}

async function collected(engine: LoadParts, source: AsyncIterable<Uint8Array>, options: Parameters<typeof collectArchive>[2]): ReturnType<typeof collectArchive> {
  try {
    return await collectArchive(engine, decompress(source, () => undefined), options);
  } catch (error) {
    if (error instanceof TarError) throw invalid(error.message, {}, error);
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (/^Z_|^ERR_ZSTD|^ZSTD/.test(code) || /incorrect header|unexpected end of file/i.test(message)) throw invalid(/unexpected end/i.test(message) ? "unexpected EOF" : message, {}, error);
    throw error;
  }
}
