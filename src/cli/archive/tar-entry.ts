// One entry of an archive: its header, and for a small one made in memory its contents.
import { BLOCK, padding, type TarEntry, writeTarEntry } from "../../wire/tar/tar-header.ts";

export const TAR_END = new Uint8Array(BLOCK * 2);

/** Names in this machine's characters. */
export function entryHeader(entry: TarEntry): Uint8Array {
  return writeTarEntry({ ...entry, name: byteString(entry.name), linkName: byteString(entry.linkName ?? "") });
}

/** Without data a directory. */
export function tarEntry(name: string, data: Uint8Array | undefined, mode: number): Uint8Array {
  const size = data?.length ?? 0;
  const header = entryHeader({ name, mode, uid: 0, gid: 0, size, mtime: 0, type: data === undefined ? "5" : "0" });
  return Buffer.concat([header, data ?? new Uint8Array(), new Uint8Array(padding(size))]);
}

function byteString(text: string): string {
  return Buffer.from(text).toString("latin1");
}
