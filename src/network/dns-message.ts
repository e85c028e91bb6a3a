// DNS messages (RFC 1035) as far as an answering machine needs them: read a query's question, write an answer. Pure.

export const TYPE = { a: 1, ptr: 12, aaaa: 28, any: 255 } as const;
export const RCODE = { ok: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;

const CLASS_IN = 1;
const HEADER_BYTES = 12;
const UDP_LIMIT = 512;

export interface Query {
  id: number;
  /** Lower case, without the dot at the end. */
  name: string;
  type: number;
  isInternet: boolean;
  recursionDesired: boolean;
  /** The question as it came, to be sent back. */
  question: Uint8Array;
  /** Greatest answer the asker takes by UDP. */
  udpLimitBytes: number;
}

export type Answer = { type: typeof TYPE.a | typeof TYPE.aaaa; address: Uint8Array } | { type: typeof TYPE.ptr; name: string };

/** Undefined for what is not a standard query with one question. */
export function parseQuery(bytes: Uint8Array): Query | undefined {
  if (bytes.length < HEADER_BYTES + 5) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(2);
  const isQuery = (flags & 0x8000) === 0 && (flags & 0x7800) === 0;
  if (!isQuery || view.getUint16(4) !== 1) return undefined;
  const read = readName(bytes, HEADER_BYTES);
  if (read === undefined || read.end + 4 > bytes.length) return undefined;
  const end = read.end + 4;
  return {
    id: view.getUint16(0),
    name: read.name.toLowerCase(),
    type: view.getUint16(read.end),
    isInternet: view.getUint16(read.end + 2) === CLASS_IN,
    recursionDesired: (flags & 0x0100) !== 0,
    question: bytes.slice(HEADER_BYTES, end),
    udpLimitBytes: udpLimit(bytes, view, end),
  };
}

/** An answer to `query`; every record points at the question's name. */
export function writeAnswer(query: Query, answers: readonly Answer[], rcode: number, ttlSeconds: number, limitBytes = 65535): Uint8Array {
  const records = answers.map((answer) => writeRecord(answer, ttlSeconds));
  let count = 0;
  let length = HEADER_BYTES + query.question.length;
  for (const record of records) {
    if (length + record.length > limitBytes) break;
    length += record.length;
    count++;
  }
  const bytes = new Uint8Array(length);
  const truncated = count < records.length ? 0x0200 : 0;
  writeHeader(bytes, query, 0x8080 | truncated | rcode, count);
  let at = HEADER_BYTES + query.question.length;
  for (const record of records.slice(0, count)) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

/** "2.0.18.172.in-addr.arpa" → 172.18.0.2 as bytes; likewise ip6.arpa. Undefined for other names. */
export function addressOfReverseName(name: string): Uint8Array | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (four !== null) return Uint8Array.from(four.slice(1).toReversed(), Number);
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name);
  if (six?.[1] === undefined) return undefined;
  const digits = six[1].split(".").slice(0, 32).toReversed().join("");
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

function readName(bytes: Uint8Array, from: number): { name: string; end: number } | undefined {
  const labels: string[] = [];
  let at = from;
  for (;;) {
    const length = bytes[at];
    // no pointers: a question's name stands in full
    if (length === undefined || length > 63 || at - from > 255) return undefined;
    at++;
    if (length === 0) return { name: labels.join("."), end: at };
    if (at + length > bytes.length) return undefined;
    labels.push(String.fromCharCode(...bytes.subarray(at, at + length)));
    at += length;
  }
}

/** From the OPT record of EDNS, when it is the only thing after the question (as resolvers send it). */
function udpLimit(bytes: Uint8Array, view: DataView, end: number): number {
  const isOpt = view.getUint16(6) === 0 && view.getUint16(8) === 0 && view.getUint16(10) >= 1 && end + 11 <= bytes.length && bytes[end] === 0 && view.getUint16(end + 1) === 41;
  return isOpt ? Math.max(UDP_LIMIT, view.getUint16(end + 3)) : UDP_LIMIT;
}

function writeHeader(bytes: Uint8Array, query: Query, flags: number, answers: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint16(0, query.id);
  view.setUint16(2, flags | (query.recursionDesired ? 0x0100 : 0));
  view.setUint16(4, 1);
  view.setUint16(6, answers);
  bytes.set(query.question, HEADER_BYTES);
}

function writeRecord(answer: Answer, ttlSeconds: number): Uint8Array {
  const content = answer.type === TYPE.ptr ? writeName(answer.name) : answer.address;
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xc000 | HEADER_BYTES);
  view.setUint16(2, answer.type);
  view.setUint16(4, CLASS_IN);
  view.setUint32(6, ttlSeconds);
  view.setUint16(10, content.length);
  bytes.set(content, 12);
  return bytes;
}

export function writeName(name: string): Uint8Array {
  const encoder = new TextEncoder();
  const parts = name.split(".").filter((label) => label !== "");
  return Uint8Array.from([...parts.flatMap((label) => { const text = encoder.encode(label).subarray(0, 63); return [text.length, ...text]; }), 0]);
}
