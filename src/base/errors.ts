// The one error class of the engine, with its closed list of kinds. Status codes are not known here (wire/status.ts).

export type ErrorKind =
  | "not_found"
  | "invalid"
  | "conflict"
  | "not_modified"
  | "unauthorized"
  | "forbidden"
  | "unavailable"
  | "exhausted"
  | "not_implemented"
  | "cancelled"
  | "internal";

/** An error meant for the caller: `message` is in Docker's words, `detail` is structured and may be shown to clients. */
export class EngineError extends Error {
  readonly kind: ErrorKind;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, message: string, detail: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EngineError";
    this.kind = kind;
    this.detail = detail;
  }
}

const make = (kind: ErrorKind) => (message: string, detail?: Record<string, unknown>, cause?: unknown) =>
  new EngineError(kind, message, detail, cause);

export const notFound = make("not_found");
export const invalid = make("invalid");
export const conflict = make("conflict");
export const notModified = make("not_modified");
export const unauthorized = make("unauthorized");
export const forbidden = make("forbidden");
export const unavailable = make("unavailable");
export const exhausted = make("exhausted");
export const notImplemented = make("not_implemented");
export const cancelled = make("cancelled");
export const internal = make("internal");

/** The kind of any thrown value; what is not ours is a bug, hence `internal`. */
export function kindOf(error: unknown): ErrorKind {
  return error instanceof EngineError ? error.kind : "internal";
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
