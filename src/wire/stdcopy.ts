// Output of a container without a terminal: frames of stream (1 stdout, 2 stderr), length and bytes.

const HEADER_BYTES = 8;

export function frame(stream: 0 | 1 | 2 | 3, bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER_BYTES + bytes.length);
  framed[0] = stream;
  new DataView(framed.buffer).setUint32(4, bytes.length);
  framed.set(bytes, HEADER_BYTES);
  return framed;
}

export interface FramePart {
  stream: number;
  /** The frame's bytes, or as much of them as has arrived. */
  bytes: Uint8Array;
}

/** Takes pieces cut anywhere; gives the frames' bytes as they arrive. */
export class FrameParser {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  #remaining = 0;

  push(piece: Uint8Array): FramePart[] {
    const parts: FramePart[] = [];
    let rest = piece;
    while (rest.length > 0) {
      if (this.#remaining > 0) {
        const bytes = rest.subarray(0, this.#remaining);
        this.#remaining -= bytes.length;
        parts.push({ stream: this.#header[0] as number, bytes });
        rest = rest.subarray(bytes.length);
      } else rest = this.#takeHeader(rest);
    }
    return parts;
  }

  /** Nothing half received. */
  get complete(): boolean {
    return this.#remaining === 0 && this.#headerLength === 0;
  }

  #takeHeader(piece: Uint8Array): Uint8Array {
    const taken = piece.subarray(0, HEADER_BYTES - this.#headerLength);
    this.#header.set(taken, this.#headerLength);
    this.#headerLength += taken.length;
    if (this.#headerLength === HEADER_BYTES) {
      this.#headerLength = 0;
      this.#remaining = new DataView(this.#header.buffer).getUint32(4);
    }
    return piece.subarray(taken.length);
  }
}
