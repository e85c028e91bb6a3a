// GET /networks
import type { Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { compileNetworkFilter } from "./filter.ts";
import { networkJson, type NetworkJson } from "./read.ts";

export function listNetworks({ store, clock }: Pick<Engine, "store" | "clock">, filters: Filters = new Map()): NetworkJson[] {
  return store.view((tx) => tx.networks.list().filter(compileNetworkFilter(tx, filters, clock.nowMs())).map((row) => networkJson(row, [])));
}
