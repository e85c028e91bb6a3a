// ErrorKind ↔ HTTP status: the only such table, read in both directions.
import type { ErrorKind } from "../base/errors.ts";

const STATUS: Record<ErrorKind, number> = {
  not_found: 404,
  invalid: 400,
  conflict: 409,
  not_modified: 304,
  unauthorized: 401,
  forbidden: 403,
  unavailable: 503,
  exhausted: 429,
  not_implemented: 501,
  cancelled: 499,
  internal: 500,
};

export function statusOf(kind: ErrorKind): number {
  return STATUS[kind];
}

export function kindOfStatus(status: number): ErrorKind {
  for (const [kind, value] of Object.entries(STATUS)) if (value === status) return kind as ErrorKind;
  return status >= 400 && status < 500 ? "invalid" : "internal";
}
