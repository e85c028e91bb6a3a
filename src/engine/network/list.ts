// GET /networks
import { internal, invalid } from "../../base/errors.ts";
import type { NetworkRow, Reader } from "../../store/store.ts";
import { checkFilterKeys, type Filters, matchLabels } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";
import { activeEndpoints, networkJson, type NetworkJson } from "./read.ts";

const FILTER_KEYS = ["dangling", "driver", "id", "label", "name", "scope", "type"] as const;

export function listNetworks(engine: Pick<Engine, "store">, filters: Filters = new Map()): NetworkJson[] {
  checkFilterKeys(filters, FILTER_KEYS);
  const dangling = danglingOf(filters);
  checkTypes(filters);
  return engine.store.view((tx) =>
    tx.networks.list().filter((row) => matches(tx, row, filters, dangling)).map((row) => networkJson(row, [])),
  );
}

function matches(tx: Reader, row: NetworkRow, filters: Filters, dangling: boolean | undefined): boolean {
  const any = (key: string, test: (value: string) => boolean): boolean => {
    const values = filters.get(key) ?? [];
    return values.length === 0 || values.some(test);
  };
  if (!any("driver", (value) => value === row.driver)) return false;
  if (!any("id", (value) => row.id.startsWith(value) || matchesPattern(row.id, value))) return false;
  if (!any("name", (value) => row.name === value || matchesPattern(row.name, value))) return false;
  if (!any("scope", (value) => value === "local")) return false;
  if (!any("type", (value) => (value === "builtin") === row.predefined)) return false;
  if (!matchLabels(filters, row.labels)) return false;
  if (dangling === undefined) return true;
  // unused networks of users; the predefined ones never dangle
  return dangling === (!row.predefined && activeEndpoints(tx, row).length === 0);
}

/** Like Docker: an expression anywhere in the text; one that cannot be read matches nothing. */
function matchesPattern(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function danglingOf(filters: Filters): boolean | undefined {
  const value = filters.get("dangling")?.[0];
  if (value === undefined) return undefined;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw invalid(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
}

function checkTypes(filters: Filters): void {
  for (const type of filters.get("type") ?? []) if (type !== "builtin" && type !== "custom") throw internal(`invalid filter: 'type'='${type}'`);
}
