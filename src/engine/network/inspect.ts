// GET /networks/{id}
import { notFound } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import { activeEndpoints, networkJson, type NetworkJson } from "./read.ts";
import { resolveNetwork } from "./resolve.ts";

export function inspectNetwork(engine: Pick<Engine, "store">, name: string, { scope }: { scope?: string } = {}): NetworkJson {
  return engine.store.view((tx) => {
    const row = resolveNetwork(tx, name);
    if (scope !== undefined && scope !== "" && scope !== "local") throw notFound(`network ${name} not found`, { network: name });
    return networkJson(row, activeEndpoints(tx, row));
  });
}
