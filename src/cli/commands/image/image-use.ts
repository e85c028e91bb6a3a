// Who uses each image and when it was last used: the daemon's own record where it keeps one, else read off its containers.
import type { Cli } from "../../context.ts";
import { humanDuration } from "../../units.ts";
import type { ContainerSummary } from "../container/container-row.ts";
import type { ImageUse } from "./image-order.ts";
import type { ImageSummary } from "./image-row.ts";

export async function readImageUse(cli: Cli, images: readonly ImageSummary[]): Promise<ImageUse> {
  const containers = await cli.client().json<ContainerSummary[]>("GET", "/containers/json", { query: { all: true } });
  const users = new Map<string, ContainerSummary[]>();
  for (const container of containers) users.set(container.ImageID, [...(users.get(container.ImageID) ?? []), container]);
  const recorded = new Map(images.map((image) => [image.Id, recordedUse(image)]));
  const lastUsedMs = (id: string) => Math.max(recorded.get(id) ?? 0, ...(users.get(id) ?? []).map((container) => (container.State === "running" ? Date.now() : container.Created * 1000)));
  return {
    usedBy: (id) => (users.get(id) ?? []).map((container) => (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, "")).toSorted().join(","),
    lastUsedMs,
    lastUsed: (id) => (lastUsedMs(id) === 0 ? "" : `${humanDuration(Date.now() - lastUsedMs(id))} ago`),
  };
}

/** `LastUsedAt`, in seconds or as a date: only our own daemon says it. */
function recordedUse(image: ImageSummary): number {
  const value = (image as { LastUsedAt?: number | string }).LastUsedAt;
  if (typeof value === "number") return value * 1000;
  return typeof value === "string" ? Date.parse(value) || 0 : 0;
}
