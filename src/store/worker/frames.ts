// How the daemon and its workers speak: 1 byte kind, 4 bytes length (little-endian), then so many bytes, both ways.

export const FRAME = {
  /** To the worker: JSON of a job. */
  job: 1,
  /** Both ways: bytes of the job's stream. */
  data: 2,
  /** To the worker: its stream is whole. */
  end: 3,
  /** From the worker: JSON of the result; the job is done. */
  result: 4,
  /** From the worker: JSON of `{kind, message}`; the job has failed, and what it was given but has not read is to be passed over up to `end`. */
  error: 5,
} as const;

export const FRAME_HEADER = 5;

export function frameHeader(kind: number, length: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER);
  header[0] = kind;
  header.writeUInt32LE(length, 1);
  return header;
}

export interface WorkerFrame {
  kind: number;
  bytes: Buffer;
}

/** Frames as they come; data frames may be given in pieces, so that nothing large is put together. */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<WorkerFrame> {
  let pending = Buffer.alloc(0);
  let kind = 0;
  let left = 0;
  for await (const chunk of source) {
    let bytes = pending.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([pending, chunk]);
    pending = Buffer.alloc(0);
    for (;;) {
      if (left === 0) {
        if (bytes.length < FRAME_HEADER) break;
        kind = bytes[0] ?? 0;
        left = bytes.readUInt32LE(1);
        bytes = bytes.subarray(FRAME_HEADER);
        if (left === 0) yield { kind, bytes: Buffer.alloc(0) };
        continue;
      }
      if (bytes.length === 0 || (kind !== FRAME.data && bytes.length < left)) break;
      const take = Math.min(left, bytes.length);
      left -= take;
      yield { kind, bytes: bytes.subarray(0, take) };
      bytes = bytes.subarray(take);
    }
    pending = Buffer.from(bytes);
  }
}
