// Identifiers as lists show them and requests carry them.
import { failure } from "./failure.ts";

/** 12 hex digits without the algorithm. */
export function shortId(id: string): string {
  const colon = id.indexOf(":");
  return id.slice(colon + 1).slice(0, 12);
}

/** A path segment of a URL; without a name it would be another path. */
export function segment(name: string, kind = "container"): string {
  if (name.trim() === "") throw failure(`invalid ${kind} name or ID: value is empty`);
  return encodeURIComponent(name);
}

/** An image name inside a URL path: slashes and colons stay, as Docker sends them. */
export function imagePath(name: string): string {
  return encodeURI(name).replace(/[?#]/g, encodeURIComponent);
}

/** `k=v,k=v`, sorted. */
export function labelsText(labels: Readonly<Record<string, string>> | null | undefined): string {
  return Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).toSorted().join(",");
}
