// Multiplexed streams of a container without a terminal: 8 bytes (stream, 0, 0, 0, length big-endian), then the bytes.

export type StreamNumber = 0 | 1 | 2;
export interface Frame {
  stream: number;
  bytes: Uint8Array;
}

const HEADER = 8;

export function frame(stream: StreamNumber, bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER + bytes.length);
  framed[0] = stream;
  new DataView(framed.buffer).setUint32(4, bytes.length);
  framed.set(bytes, HEADER);
  return framed;
}

/** Takes bytes as they come; gives whole frames, in order. */
export class FrameParser {
  private pending: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): Frame[] {
    let rest = this.pending.length === 0 ? bytes : concat(this.pending, bytes);
    const frames: Frame[] = [];
    while (rest.length >= HEADER) {
      const length = new DataView(rest.buffer, rest.byteOffset, HEADER).getUint32(4);
      if (rest.length < HEADER + length) break;
      frames.push({ stream: rest[0] ?? 0, bytes: rest.subarray(HEADER, HEADER + length) });
      rest = rest.subarray(HEADER + length);
    }
    this.pending = rest;
    return frames;
  }

  /** Bytes of a frame that is not whole yet. */
  get pendingBytes(): number {
    return this.pending.length;
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
