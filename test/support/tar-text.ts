// Small tars for tests, entry by entry.
import { padding, type TarEntry, writeTarEntry } from "../../src/wire/tar/tar-header.ts";

export type Piece = Partial<TarEntry> & { name: string; content?: string | Uint8Array };

export function tarOf(entries: readonly Piece[], { end = true } = {}): Buffer {
  const parts: Buffer[] = [];
  for (const { content = "", ...entry } of entries) {
    const bytes = Buffer.from(content as string);
    const type = entry.type ?? (entry.name.endsWith("/") ? "5" : "0");
    parts.push(writeTarEntry({ mode: type === "5" ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, ...entry, type, size: bytes.length }));
    parts.push(bytes, Buffer.alloc(padding(bytes.length)));
  }
  if (end) parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}
