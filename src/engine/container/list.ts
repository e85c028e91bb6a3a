// GET /containers/json
import type { ContainerRow, Reader } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { resolveImage } from "../image/names.ts";
import { containerSizes, type ContainerSizes } from "./container-size.ts";
import { measureContainers } from "../removal/container-bytes.ts";
import { asksForSizes, type FilterFacts, filterContainers } from "./list-filter.ts";
import { listedPorts } from "./list-ports.ts";
import { shownMounts } from "./shown-mounts.ts";
import { statusText } from "./status-text.ts";

export interface ListContainersOptions {
  all?: boolean;
  limit?: number;
  size?: boolean;
  filters?: ReadonlyMap<string, readonly string[]>;
}

/** Newest first. */
export async function listContainers(engine: Pick<Engine, "store" | "clock" | "log">, { all = false, limit = 0, size = false, filters = new Map() }: ListContainersOptions): Promise<object[]> {
  const measured = asksForSizes(filters) ? await measureContainers(engine, engine.store.view((tx) => tx.containers.list()), { files: false }) : undefined;
  const facts: FilterFacts = { nowMs: engine.clock.nowMs(), rwBytes: (row) => measured?.get(row.id)?.rwBytes ?? 0 };
  const rows = engine.store.view((tx) => {
    const newestFirst = tx.containers.list().toReversed().toSorted((a, b) => b.createdMs - a.createdMs);
    const passing = filterContainers(tx, newestFirst, filters, facts);
    const showsAll = all || limit > 0 || (filters.get("status")?.length ?? 0) > 0;
    const shown = showsAll ? passing : passing.filter((row) => row.state.Running);
    return limit > 0 ? shown.slice(0, limit) : shown;
  });
  const sizes = size ? await containerSizes(engine, rows) : undefined;
  const { nowMs } = facts;
  return engine.store.view((tx) => {
    const links = linkNames(tx);
    const meaning = memoized((reference) => meaningOf(tx, reference));
    return rows.map((row) => summary(row, { nowMs, sizes: sizes?.get(row.id), links: links.get(row.id) ?? [], meaning }));
  });
}

interface Known {
  nowMs: number;
  sizes: ContainerSizes | undefined;
  links: readonly string[];
  /** ID of the image that a reference means now. */
  meaning(reference: string): string | undefined;
}

function summary(row: ContainerRow, { nowMs, sizes, links, meaning }: Known): object {
  const { Annotations } = row.hostConfig;
  return {
    Id: row.id,
    Names: [`/${row.name}`, ...links],
    // the reference used at creation, as long as it still means the container's image
    Image: meaning(row.imageRef) === row.imageId ? row.imageRef : row.imageId,
    ImageID: row.imageId,
    Command: commandText(row),
    Created: Math.floor(row.createdMs / 1000),
    Ports: listedPorts(row),
    ...((sizes?.SizeRw ?? 0) > 0 ? { SizeRw: sizes?.SizeRw } : {}),
    ...((sizes?.SizeRootFs ?? 0) > 0 ? { SizeRootFs: sizes?.SizeRootFs } : {}),
    Labels: row.config.Labels ?? {},
    State: row.state.Status,
    Status: statusText(row.state, nowMs),
    HostConfig: { NetworkMode: row.hostConfig.NetworkMode ?? "", ...(Object.keys(Annotations ?? {}).length > 0 ? { Annotations } : {}) },
    NetworkSettings: { Networks: row.networks },
    Mounts: shownMounts(row.mounts.toSorted((a, b) => (a.Destination < b.Destination ? -1 : 1))),
  };
}

function meaningOf(tx: Reader, reference: string): string | undefined {
  try {
    return resolveImage(tx, reference).image.id;
  } catch {
    return undefined;
  }
}

/** Many containers are made with the same reference. */
function memoized(work: (key: string) => string | undefined): (key: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (key) => {
    if (!known.has(key)) known.set(key, work(key));
    return known.get(key);
  };
}

function commandText(row: Pick<ContainerRow, "path" | "args">): string {
  return [row.path, ...row.args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" ");
}

/** Names that legacy links give to containers, by their ids. */
function linkNames(tx: Reader): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const row of tx.containers.list()) {
    for (const link of row.hostConfig.Links ?? []) {
      const [id = "", alias = ""] = link.split(":");
      names.set(id, [...(names.get(id) ?? []), `/${row.name}/${alias}`]);
    }
  }
  return names;
}
