// Finds the bytes of an HTTP/1.1 body and its end: chunked, of known length, or until the connection closes.

export class BodyDecoder {
  readonly #chunked: boolean;
  #remaining: number;
  #buffer: Buffer = Buffer.alloc(0);
  done: boolean;

  constructor(status: number, headers: ReadonlyMap<string, string>) {
    this.#chunked = headers.get("transfer-encoding") === "chunked";
    const length = headers.get("content-length");
    const upgraded = status === 101;
    const empty = status === 204 || status === 304;
    this.#remaining = this.#chunked ? 0 : length !== undefined && !upgraded ? Number(length) : Number.POSITIVE_INFINITY;
    this.done = empty || (!this.#chunked && this.#remaining === 0);
  }

  /** The body bytes in this piece of the stream. */
  *push(piece: Uint8Array): Iterable<Uint8Array> {
    if (this.#chunked) yield* this.#unchunk(piece);
    else yield this.#take(piece);
  }

  #take(piece: Uint8Array): Uint8Array {
    const part = piece.length > this.#remaining ? piece.subarray(0, this.#remaining) : piece;
    this.#remaining -= part.length;
    this.done = this.#remaining === 0;
    return part;
  }

  *#unchunk(piece: Uint8Array): Iterable<Uint8Array> {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#buffer, piece]);
    while (this.#buffer.length > 0 && !this.done) {
      if (this.#remaining > 0) {
        const part = this.#buffer.subarray(0, this.#remaining);
        this.#remaining -= part.length;
        this.#buffer = this.#buffer.subarray(part.length);
        yield part;
        continue;
      }
      const end = this.#buffer.indexOf("\r\n", this.#buffer[0] === 13 ? 2 : 0);
      if (end < 0) return;
      const size = Number.parseInt(this.#buffer.subarray(0, end).toString("latin1").trim(), 16);
      this.#buffer = this.#buffer.subarray(end + 2);
      this.done = size === 0;
      this.#remaining = size;
    }
  }
}
