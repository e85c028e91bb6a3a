// `system df -v`: the four titled tables.
import { failure, textOf } from "../../failure.ts";
import { renderRows, type Listing } from "../../format.ts";
import { Row } from "../../template/value.ts";
import { humanDuration, humanSize } from "../../units.ts";
import { containerListing, containerRow } from "../container/container-row.ts";
import { imageListing, imageRow, namesOfImage, type ImageSummary } from "../image/image-row.ts";
import { volumeListing, volumeRow } from "../volume/volume-row.ts";
import type { CacheRecord, Usage } from "./usage.ts";

const CACHE: Listing = {
  headers: { ID: "CACHE ID", CacheType: "CACHE TYPE", Size: "SIZE", CreatedSince: "CREATED", LastUsedSince: "LAST USED", UsageCount: "USAGE", Shared: "SHARED", InUse: "IN USE", Description: "DESCRIPTION" },
  table: "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}",
};
const IMAGES = "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}";
const CONTAINERS = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}";
const VOLUMES = "table {{.Name}}\t{{.Links}}\t{{.Size}}";

function rowsOf(usage: Usage) {
  return {
    Images: (usage.Images ?? []).map(imageUsageRow),
    Containers: (usage.Containers ?? []).map((container) => containerRow({ ...container, SizeRootFs: 0 }, true)),
    Volumes: (usage.Volumes ?? []).map(volumeRow),
    BuildCache: (usage.BuildCache ?? []).map(cacheRow),
  };
}

export function verboseText(usage: Usage): string {
  const rows = rowsOf(usage);
  const cacheBytes = (usage.BuildCache ?? []).filter((record) => !record.Shared).reduce((sum, record) => sum + record.Size, 0);
  return (
    `Images space usage:\n\n${renderRows(imageListing(false), IMAGES, rows.Images)}` +
    `\nContainers space usage:\n\n${renderRows(containerListing(true), CONTAINERS, rows.Containers)}` +
    `\nLocal Volumes space usage:\n\n${renderRows(volumeListing, VOLUMES, rows.Volumes)}` +
    `\nBuild cache usage: ${humanSize(cacheBytes)}\n\n${renderRows(CACHE, "table", rows.BuildCache)}`
  );
}

export function verboseJson(usage: Usage, format: string): string {
  const rows = rowsOf(usage);
  const whole = new Row("*formatter.diskUsageContext", { Images: () => rows.Images, Containers: () => rows.Containers, Volumes: () => rows.Volumes, BuildCache: () => rows.BuildCache });
  try {
    return renderRows({ headers: {}, table: "" }, format, [whole]);
  } catch (error) {
    throw failure(textOf(error).replace(/^template parsing error: (?=.*can't evaluate field)/, ""));
  }
}

/** One line an image, by its first name. */
function imageUsageRow(image: ImageSummary): Row {
  return imageRow(image, namesOfImage({ ...image, RepoTags: (image.RepoTags ?? []).slice(0, 1), RepoDigests: (image.RepoTags ?? []).length > 0 ? [] : (image.RepoDigests ?? []).slice(0, 1) }, false)[0]!, true);
}

function cacheRow(record: CacheRecord): Row {
  return new Row("*formatter.buildCacheContext", {
    ID: () => `${record.ID.slice(0, 12)}${record.InUse ? "*" : ""}`,
    Parent: () => "",
    CacheType: () => record.Type,
    Description: () => record.Description ?? "",
    InUse: () => String(record.InUse),
    Shared: () => String(record.Shared),
    Size: () => humanSize(record.Size, 3),
    CreatedAt: () => record.CreatedAt,
    CreatedSince: () => since(record.CreatedAt),
    LastUsedAt: () => record.LastUsedAt ?? "",
    LastUsedSince: () => since(record.LastUsedAt),
    UsageCount: () => String(record.UsageCount),
  });
}

const since = (text: string | null | undefined) => (text ? `${humanDuration(Date.now() - Date.parse(text))} ago` : "");
