// Container names: found, checked, reserved, invented.
import { notImplemented } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";

/** Full id, then name (leading slash optional), then unique id prefix. */
export function resolveContainer(_tx: Pick<Reader, "containers">, _name: string): ContainerRow {
  throw notImplemented("stub");
}
