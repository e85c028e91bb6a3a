// Filters of networks, the same for listing and pruning: Docker's keys, and what it has no word for.
import { internal, invalid } from "../../base/errors.ts";
import type { NetworkRow, Reader } from "../../store/store.ts";
import { type Filters, parseUntil } from "../../wire/filters.ts";
import { anyOf, booleanOf, compileFilter, labelTerm, matchesName, type Terms } from "../object-filter.ts";
import { activeEndpoints } from "./read.ts";

export function compileNetworkFilter(tx: Pick<Reader, "containers">, filters: Filters, nowMs: number): (row: NetworkRow) => boolean {
  return compileFilter(filters, termsOf(tx, nowMs));
}

function termsOf(tx: Pick<Reader, "containers">, nowMs: number): Terms<NetworkRow> {
  return {
    driver: anyOf((value) => (row) => row.driver === value),
    id: anyOf((value) => {
      const matches = matchesName(value);
      return (row) => row.id.startsWith(value) || matches(row.id);
    }),
    name: anyOf((value) => {
      const matches = matchesName(value);
      return (row) => matches(row.name);
    }),
    scope: anyOf((value) => () => value === "local"),
    type: anyOf((value) => {
      if (value !== "builtin" && value !== "custom") throw internal(`invalid filter: 'type'='${value}'`);
      return (row) => (value === "builtin") === row.predefined;
    }),
    label: labelTerm((row) => row.labels),
    // unused networks of users; the predefined ones never dangle
    dangling: ([value = ""]) => {
      const wanted = danglingOf(value);
      return (row) => wanted === (!row.predefined && activeEndpoints(tx, row).length === 0);
    },
    "in-use": (values, key) => {
      const wanted = booleanOf(values, key);
      return (row) => wanted === tx.containers.any("network", row.name);
    },
    until: (values) => {
      if (values.length > 1) throw invalid("more than one until filter specified");
      const times = values.map((value) => parseUntil(value, nowMs));
      return (row) => times.every((time) => row.createdMs <= time);
    },
  };
}

function danglingOf(value: string): boolean {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw invalid(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
}
