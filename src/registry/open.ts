// Opens the registry client.
import { notImplemented } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Registry, RegistryOptions } from "./registry.ts";

export function openRegistry(_options: RegistryOptions, _log: Log): Registry {
  throw notImplemented("registry is not implemented yet");
}
