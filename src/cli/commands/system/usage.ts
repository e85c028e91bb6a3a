// The daemon's disk usage → Docker's four summary lines. Pure.
import type { ContainerSummary } from "../container/container-row.ts";
import type { ImageSummary } from "../image/image-row.ts";
import type { VolumeSummary } from "../volume/volume-row.ts";

export interface CacheRecord {
  ID: string;
  Type: string;
  Description?: string;
  InUse: boolean;
  Shared: boolean;
  Size: number;
  CreatedAt: string;
  LastUsedAt?: string | null;
  UsageCount: number;
}

export interface Usage {
  LayersSize: number;
  Images?: ImageSummary[] | null;
  Containers?: ContainerSummary[] | null;
  Volumes?: VolumeSummary[] | null;
  BuildCache?: CacheRecord[] | null;
}

export interface UsageLine {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly sizeBytes: number;
  readonly reclaimableBytes: number;
  /** undefined where Docker shows none. */
  readonly percent?: number;
}

export function summarise(usage: Usage): UsageLine[] {
  return [imageLine(usage), containerLine(usage.Containers ?? []), volumeLine(usage.Volumes ?? []), cacheLine(usage.BuildCache ?? [])];
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

function line(type: string, total: number, active: number, sizeBytes: number, reclaimableBytes: number): UsageLine {
  const percent = sizeBytes > 0 ? { percent: Math.trunc((reclaimableBytes * 100) / sizeBytes) } : {};
  return { type, total, active, sizeBytes, reclaimableBytes, ...percent };
}

/** What used images do not share counts as needed; all else of the layers as reclaimable, as Docker 28 counts. */
function imageLine({ Images, LayersSize }: Usage): UsageLine {
  const images = Images ?? [];
  const used = images.filter((image) => image.Containers > 0);
  const needed = sum(used.filter((image) => image.Size !== -1 && image.SharedSize !== -1).map((image) => image.Size - image.SharedSize));
  return line("Images", images.length, used.length, LayersSize, LayersSize - needed);
}

function containerLine(containers: readonly ContainerSummary[]): UsageLine {
  const active = containers.filter(isActive);
  return line("Containers", containers.length, active.length, containersSize(containers), containersSize(containers.filter((container) => !isActive(container))));
}

function volumeLine(volumes: readonly VolumeSummary[]): UsageLine {
  return line("Local Volumes", volumes.length, volumes.filter((volume) => links(volume) > 0).length, volumesSize(volumes), volumesSize(volumes.filter((volume) => links(volume) === 0)));
}

function cacheLine(records: readonly CacheRecord[]): UsageLine {
  const own = records.filter((record) => !record.Shared);
  const total = sum(own.map((record) => record.Size));
  const inUse = sum(own.filter((record) => record.InUse).map((record) => record.Size));
  return { type: "Build Cache", total: records.length, active: records.filter((record) => record.InUse).length, sizeBytes: total, reclaimableBytes: total - inUse };
}

const isActive = ({ State }: ContainerSummary) => /running|paused|restarting/.test(State);

const containersSize = (list: readonly ContainerSummary[]) => sum(list.map((container) => container.SizeRw ?? 0));

const volumesSize = (list: readonly VolumeSummary[]) => sum(list.map((volume) => volume.UsageData?.Size ?? -1).filter((bytes) => bytes !== -1));

const links = (volume: VolumeSummary) => volume.UsageData?.RefCount ?? 0;
