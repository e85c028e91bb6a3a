// GET /system/df: sizes from records; only what ran since it was last measured is measured again.
import type { Reader } from "../../store/store.ts";
import { listContainers } from "../container/list.ts";
import type { Engine } from "../engine.ts";
import { listImages } from "../image/read.ts";
import { volumeJson } from "../volume/read.ts";
import { measureVolumes } from "./volume-bytes.ts";

export type UsageType = "container" | "image" | "volume" | "build-cache";

/** Kinds not asked for are null, as Docker answers `type=`; with none given all are. */
export async function diskUsage(engine: Engine, types: ReadonlySet<UsageType>): Promise<object> {
  const wants = (type: UsageType): boolean => types.size === 0 || types.has(type);
  return {
    LayersSize: wants("image") ? engine.store.view(layersSize) : 0,
    Images: wants("image") ? imageUsage(engine) : null,
    Containers: wants("container") ? await listContainers(engine, { all: true, size: true }) : null,
    Volumes: wants("volume") ? await volumeUsage(engine) : null,
    BuildCache: wants("build-cache") ? [] : null,
  };
}

/** Bytes of all layers that some image stands on, each once. */
function layersSize(tx: Reader): number {
  return tx.layers.list().reduce((sum, layer) => (tx.images.any("chain", layer.chainId) ? sum + layer.sizeBytes : sum), 0);
}

/** Every image that `images -a` shows with a name or without children. */
function imageUsage(engine: Engine): object[] {
  const summaries = listImages(engine, { all: false, filters: new Map(), sharedSize: true });
  return summaries.map((summary) => ({ ...summary, RepoDigests: summary.RepoDigests.length === 0 ? null : summary.RepoDigests, RepoTags: summary.RepoTags.length === 0 ? null : summary.RepoTags }));
}

async function volumeUsage(engine: Engine): Promise<object[]> {
  const rows = engine.store.view((tx) => tx.volumes.list());
  const sizes = await measureVolumes(engine, rows);
  return engine.store.view((tx) =>
    rows.map((row) => ({
      ...volumeJson(engine.store, row),
      UsageData: { RefCount: tx.containers.count("volume", row.name), Size: sizes.get(row.name)?.sizeBytes ?? -1 },
    })),
  );
}
