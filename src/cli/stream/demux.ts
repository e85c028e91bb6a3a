// Multiplexed output → its pieces: frames of 8 bytes head (stream, 0, 0, 0, length) and payload, cut anywhere.

export interface OutputPiece {
  readonly stream: "out" | "err";
  readonly bytes: Uint8Array;
}

export async function* demultiplex(source: AsyncIterable<Uint8Array>): AsyncIterable<OutputPiece> {
  let head = new Uint8Array(0);
  let remaining = 0;
  let stream: "out" | "err" = "out";
  for await (const piece of source) {
    let rest = piece;
    while (rest.length > 0) {
      if (remaining === 0) {
        const wanted = 8 - head.length;
        head = Buffer.concat([head, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (head.length < 8) break;
        stream = head[0] === 2 || head[0] === 3 ? "err" : "out";
        remaining = new DataView(head.buffer, head.byteOffset).getUint32(4);
        head = new Uint8Array(0);
        continue;
      }
      const bytes = rest.subarray(0, remaining);
      remaining -= bytes.length;
      rest = rest.subarray(bytes.length);
      yield { stream, bytes };
    }
  }
}
