// Who uses each image and when it was last used: the daemon's own record where it keeps one, else read off its containers.
import type { Cli } from "../../context.ts";
import { beyond } from "../../removal/read-plan.ts";
import { humanDuration } from "../../units.ts";
import type { ContainerSummary } from "../container/container-row.ts";
import type { ImageUse } from "./image-order.ts";

/** Of our daemon's list: only what is needed here. */
interface Recorded {
  id: string;
  lastUsedMs?: number;
  usedBy: readonly string[];
}

export async function readImageUse(cli: Cli): Promise<ImageUse> {
  const known = (await beyond<Recorded[]>(cli, () => cli.client().json("GET", "/berth/v1/images"))) ?? (await readContainers(cli));
  const byId = new Map(known.map((image) => [image.id, image]));
  const lastUsedMs = (id: string) => byId.get(id)?.lastUsedMs ?? 0;
  return {
    usedBy: (id) => byId.get(id)?.usedBy.join(",") ?? "",
    lastUsedMs,
    lastUsed: (id) => (lastUsedMs(id) === 0 ? "" : `${humanDuration(Date.now() - lastUsedMs(id))} ago`),
  };
}

/** A container that runs uses its image now, another did when it was made. */
async function readContainers(cli: Cli): Promise<Recorded[]> {
  const containers = await cli.client().json<ContainerSummary[]>("GET", "/containers/json", { query: { all: true } });
  const users = Map.groupBy(containers, (container) => container.ImageID);
  return [...users].map(([id, list]) => ({
    id,
    lastUsedMs: Math.max(...list.map((container) => (container.State === "running" ? Date.now() : container.Created * 1000))),
    usedBy: list.map((container) => (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, "")).toSorted(),
  }));
}
