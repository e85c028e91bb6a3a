// What each prune asks the daemon and how its report reads: `container prune` and its kin, and `system prune` over them.
import type { Cli } from "../../context.ts";
import { filterQuery, type FilterMap } from "../../filter-flags.ts";
import type { ImageDeleteItem } from "../../../wire/docker.ts";

export interface PruneReport {
  /** The block that lists what went, empty when nothing did. */
  readonly text: string;
  readonly spaceBytes: number;
}

type Pruner = (cli: Cli, filters: FilterMap, all: boolean) => Promise<PruneReport>;

interface Answer {
  SpaceReclaimed?: number;
  ContainersDeleted?: string[] | null;
  VolumesDeleted?: string[] | null;
  NetworksDeleted?: string[] | null;
  ImagesDeleted?: ImageDeleteItem[] | null;
  CachesDeleted?: string[] | null;
}

const ask = (cli: Cli, path: string, query: Record<string, string | boolean | undefined>) => cli.client().json<Answer>("POST", path, { query });

function block(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}:\n${lines.map((line) => `${line}\n`).join("")}`;
}

export const pruneContainers: Pruner = async (cli, filters) => {
  const answer = await ask(cli, "/containers/prune", { filters: filterQuery(filters) });
  return { text: block("Deleted Containers", answer.ContainersDeleted ?? []), spaceBytes: answer.SpaceReclaimed ?? 0 };
};

export const pruneNetworks: Pruner = async (cli, filters) => {
  const answer = await ask(cli, "/networks/prune", { filters: filterQuery(filters) });
  return { text: block("Deleted Networks", answer.NetworksDeleted ?? []), spaceBytes: 0 };
};

export const pruneVolumes: Pruner = async (cli, filters, all) => {
  const answer = await ask(cli, "/volumes/prune", { filters: filterQuery(all ? { ...filters, all: { true: true } } : filters) });
  return { text: block("Deleted Volumes", answer.VolumesDeleted ?? []), spaceBytes: answer.SpaceReclaimed ?? 0 };
};

export const pruneImages: Pruner = async (cli, filters, all) => {
  const answer = await ask(cli, "/images/prune", { filters: filterQuery({ ...filters, dangling: { [String(!all)]: true } }) });
  const lines = (answer.ImagesDeleted ?? []).map(({ Untagged, Deleted }) => (Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`));
  return { text: block("Deleted Images", lines), spaceBytes: answer.SpaceReclaimed ?? 0 };
};

export const pruneBuildCache: Pruner = async (cli, filters, all) => {
  const answer = await ask(cli, "/build/prune", { filters: filterQuery(filters), all: all || undefined });
  return { text: block("Deleted build cache objects", answer.CachesDeleted ?? []), spaceBytes: answer.SpaceReclaimed ?? 0 };
};
