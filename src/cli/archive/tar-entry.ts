// One small entry of an archive made in memory.
import { BLOCK, headerBlock } from "./tar-header.ts";

export const TAR_END = new Uint8Array(BLOCK * 2);

/** Without data a directory. */
export function tarEntry(name: string, data: Uint8Array | undefined, mode: number): Uint8Array {
  const size = data?.length ?? 0;
  const header = headerBlock({ name, mode, uid: 0, gid: 0, size, mtime: 0, type: data === undefined ? "5" : "0", linkName: "" });
  return Buffer.concat([header, data ?? new Uint8Array(), new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)]);
}
