// Errors of registries: each carries what the engine must know to choose Docker's words and whether to try again.
import { EngineError, internal, type ErrorKind } from "../base/errors.ts";

export interface FailureDetail {
  /** Trying again may help. */
  retry?: boolean;
  /** The registry's own code, as MANIFEST_UNKNOWN. */
  code?: string;
  /** Text of the first of several errors: pulls tell only that. */
  first?: string;
  /** There was only a code, no message. */
  bare?: boolean;
  /** HTTP status that it came with. */
  status?: number;
  /** Seconds after which the registry wants to be asked again. */
  retryAfterSeconds?: number;
  /** Tries that were made. */
  attempts?: number;
  /** It came from the token server: the request that needed the token is told with it. */
  token?: boolean;
  /** The server spoke TLS: no plain http is tried after it. */
  tls?: boolean;
}

/** Docker answers 500 when a registry cannot be reached or makes no sense. */
export function failure(text: string, detail: FailureDetail = {}, cause?: unknown): EngineError {
  return internal(text, { ...detail }, cause);
}

export function failureDetail(error: unknown): FailureDetail {
  return error instanceof EngineError ? (error.detail as FailureDetail) : {};
}

/** The same error with the request it happened in before its text: `Get "https://…": …`; `query` is a part of it that may be shown. */
export function inRequest(error: unknown, method: string, url: URL, query = ""): unknown {
  if (!(error instanceof EngineError)) return error;
  const verb = method.slice(0, 1) + method.slice(1).toLowerCase();
  return new EngineError(error.kind as ErrorKind, `${verb} "${shownUrl(url)}${query}": ${error.message}`, { ...error.detail }, error.cause ?? error);
}

/** What is known besides the text is not for clients. */
export function withoutDetail(error: unknown): unknown {
  return error instanceof EngineError ? new EngineError(error.kind, error.message, {}, error) : error;
}

/** Without anything that may be secret: no credentials, no query (signatures, account names). */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
