// Legacy links of the default bridge: `CONTAINER[:ALIAS]`. Kept by the target's id, so that renaming does not break them.
import { internal, invalid } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";
import { resolveAsInvalid } from "./create-mounts.ts";

const PREDEFINED = /^(|default|bridge|host|none|container:.*)$/;

/** In other networks they are names, looked up when they are used: the endpoint has them. */
export function resolveLinks(tx: Pick<Reader, "containers">, links: readonly string[], networkMode: string): string[] | null {
  if (!PREDEFINED.test(networkMode)) return null;
  return links.map((link) => {
    const { target, alias } = parseLink(link);
    const row = resolveAsInvalid(tx, target, `could not get container for ${target}: `);
    if (row.hostConfig.NetworkMode === "host") throw invalid("conflicting options: host type networking can't be used with links. This would result in undefined behavior");
    return `${row.id}:${alias}`;
  });
}

function parseLink(link: string): { target: string; alias: string } {
  if (link === "") throw internal("empty string specified for links");
  const parts = link.split(":");
  if (parts.length > 2) throw internal(`bad format for links: ${link}`);
  const [target = "", alias = target] = parts;
  // as the API shows links: "/target:/container/alias"
  return { target, alias: alias.split("/").at(-1) ?? alias };
}

/** As the API shows them; of a target that is gone its id. */
export function shownLinks(tx: Pick<Reader, "containers">, row: Pick<ContainerRow, "name" | "hostConfig">): string[] | null {
  const links = row.hostConfig.Links;
  if (links === null || links === undefined) return null;
  return links.map((link) => {
    const [id = "", alias = ""] = link.split(":");
    return `/${tx.containers.find(id)?.name ?? id}:/${row.name}/${alias}`;
  });
}
