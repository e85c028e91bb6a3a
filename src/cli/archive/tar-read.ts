// A tar stream → its entries, one after the other, as files of this machine: names in its own characters.
import { type TarItem, tarEntries } from "../../wire/tar/tar-entries.ts";

export type TarKind = "file" | "directory" | "symlink" | "hardlink" | "other";

export interface TarEntry {
  readonly name: string;
  readonly kind: TarKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  readonly linkName: string;
  /** Where the body's pieces go, in order. */
  readonly extents: TarItem["entry"]["extents"];
  /** To be read, or left, before the next entry is asked for. */
  body(): AsyncIterable<Uint8Array>;
}

const KINDS: Readonly<Record<string, TarKind>> = { "0": "file", "7": "file", S: "file", "5": "directory", "2": "symlink", "1": "hardlink" };

export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncIterable<TarEntry> {
  for await (const { entry, content } of tarEntries(source)) {
    const { type, mode, uid, gid, size, extents } = entry;
    const mtimeSeconds = Number(entry.mtimeSeconds) + entry.mtimeNanoseconds / 1e9;
    yield { name: decoded(entry.name), kind: KINDS[type] ?? "other", mode, uid, gid, mtimeSeconds, sizeBytes: size, linkName: decoded(entry.linkName), extents, body: () => content };
  }
}

function decoded(byteString: string): string {
  return Buffer.from(byteString, "latin1").toString();
}
