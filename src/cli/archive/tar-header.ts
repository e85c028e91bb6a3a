// The header of one archive entry, in ustar's fields.

export const BLOCK = 512;

export interface HeaderFields {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  type: string;
  linkName: string;
}

/** What does not fit is cut: names longer than 100 bytes need a pax header before. */
export function headerBlock({ name, mode, uid, gid, size, mtime, type, linkName }: HeaderFields): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) => block.write(Math.max(0, value).toString(8).padStart(length - 1, "0").slice(-(length - 1)), at, "latin1");
  Buffer.from(name).copy(block, 0, 0, 100);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  Buffer.from(linkName).copy(block, 157, 0, 100);
  block.write(`ustar\0${"00"}`, 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
