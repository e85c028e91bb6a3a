// How long the client waits for what, and between tries. Tests bring shorter ones.

export interface Timeouts {
  /** Until a connection stands, TLS included. */
  connectMs: number;
  /** Until the response's first line, after the request was sent. */
  headersMs: number;
  /** The same for what makes the registry work on something big: the end of an upload. */
  commitMs: number;
  /** Without a single byte while a body is on its way. */
  stallMs: number;
  /** First pause between tries; doubles each time, up to sixteen times itself. */
  backoffMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 15_000,
  headersMs: 30_000,
  commitMs: 600_000,
  stallMs: 60_000,
  backoffMs: 1_000,
};
