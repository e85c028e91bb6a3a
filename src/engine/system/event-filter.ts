// Which events a client asked for. Pure.
import type { EventRow } from "../../store/store.ts";
import type { Filters } from "../../wire/filters.ts";

/** Actions with something behind a colon: named alone they mean all of these. */
const PREFIXED = ["health_status", "exec_create", "exec_start"];
const NAMED_KINDS = ["container", "plugin", "volume", "network", "daemon"];

export function matchesEvent(filters: Filters, row: EventRow): boolean {
  if (filters.size === 0) return true;
  const name = row.attributes["name"] ?? "";
  return (
    exact(filters, "type", row.type) &&
    exact(filters, "scope", "local") &&
    matchesAction(filters, row.action) &&
    NAMED_KINDS.every((kind) => prefix(filters, kind, row.actorId) || prefix(filters, kind, name)) &&
    matchesImage(filters, row) &&
    matchesLabels(filters, row)
  );
}

function matchesAction(filters: Filters, action: string): boolean {
  const isPrefixed = (filters.get("event") ?? []).some((wanted) => PREFIXED.includes(wanted));
  return isPrefixed ? prefix(filters, "event", action) : exact(filters, "event", action);
}

/** The image itself by id or name, and containers of it; with or without the tag. */
function matchesImage(filters: Filters, row: EventRow): boolean {
  const name = row.attributes[row.type === "image" ? "name" : "image"] ?? "";
  return [row.actorId, name, withoutTag(row.actorId), withoutTag(name)].some((each) => exact(filters, "image", each));
}

/** Every one of them. */
function matchesLabels(filters: Filters, row: EventRow): boolean {
  return (filters.get("label") ?? []).every((wanted) => {
    const at = wanted.indexOf("=");
    const key = at < 0 ? wanted : wanted.slice(0, at);
    const value = row.attributes[key];
    return value !== undefined && (at < 0 || value === wanted.slice(at + 1));
  });
}

function exact(filters: Filters, key: string, value: string): boolean {
  const wanted = filters.get(key);
  return wanted === undefined || wanted.length === 0 || wanted.includes(value);
}

function prefix(filters: Filters, key: string, value: string): boolean {
  const wanted = filters.get(key);
  return wanted === undefined || wanted.length === 0 || wanted.some((each) => value.startsWith(each));
}

/** "busybox:1.36" → "busybox"; a registry's port is no tag. */
function withoutTag(name: string): string {
  const untagged = name.replace(/@[^@]*$/, "");
  const at = untagged.lastIndexOf(":");
  return at > untagged.lastIndexOf("/") ? untagged.slice(0, at) : untagged;
}
