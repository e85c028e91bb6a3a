// Opens the network workshop.
import { notImplemented } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Network, NetworkOptions } from "./network.ts";

export function openNetwork(_options: NetworkOptions, _log: Log): Network {
  throw notImplemented("networks are not implemented yet");
}
