// Volumes whose rows are gone and whose directories still have to go. Directories without a row are a person's data and are
// left alone unless their names stand here.
import type { Reader, Writer } from "../../store/store.ts";

const KEY = "volumes.going";

export function goingVolumes(tx: Pick<Reader, "setting">): string[] {
  return JSON.parse(tx.setting(KEY) ?? "[]") as string[];
}

/** In the transaction that drops the row. */
export function addGoing(tx: Writer, name: string): void {
  tx.setSetting(KEY, JSON.stringify([...goingVolumes(tx).filter((other) => other !== name), name]));
}

export function dropGoing(tx: Writer, name: string): void {
  tx.setSetting(KEY, JSON.stringify(goingVolumes(tx).filter((other) => other !== name)));
}
