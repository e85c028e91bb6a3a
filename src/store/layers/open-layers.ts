// Layers on the disk (being written by helper B; this stands for it meanwhile).
import { notImplemented } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Layers } from "../layers.ts";
import type { Reader, Writer } from "../records.ts";

export interface LayersOptions {
  /** Layers are in <root>/layers/<directory>/ (a layer's recipe inside it), read-write layers in <root>/rw/<directory>/.
   * What stands there and no row knows is discarded when the store opens, before this is called. */
  root: string;
  runRoot: string;
  workerCommand: readonly string[];
  log: Log;
  view<T>(read: (tx: Reader) => T): T;
  update<T>(write: (tx: Writer) => T extends Promise<unknown> ? never : T): T;
  /** Renames into the trash at once; bytes go in the background. */
  discard(path: string): void;
}

const no = (): never => {
  throw notImplemented("layers are not implemented yet");
};

export function openLayers(_options: LayersOptions): Layers {
  return new Proxy({} as Layers, { get: () => no });
}
