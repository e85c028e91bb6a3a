// The keys that let go of a terminal: parsed from `ctrl-p,ctrl-q`, and found in what is typed. Pure.

const DEFAULT_KEYS = [16, 17];

/** Bytes; undefined: not keys. */
export function parseDetachKeys(text: string): number[] | undefined {
  if (text === "") return DEFAULT_KEYS;
  const keys: number[] = [];
  for (const key of text.split(",")) {
    const code = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1]?.toUpperCase().charCodeAt(0);
    if (code !== undefined) keys.push(code - 64);
    else if (/^[\x20-\x7e]$/.test(key)) keys.push(key.charCodeAt(0));
    else return undefined;
  }
  return keys;
}

/** Lets through what is typed; keys that may be the beginning of the sequence wait for the next one. */
export class DetachWatch {
  private matched = 0;

  constructor(private readonly keys: readonly number[]) {}

  take(bytes: Uint8Array): { pass: Uint8Array; detached: boolean } {
    const pass: number[] = [];
    for (const byte of bytes) {
      if (byte === this.keys[this.matched]) {
        if (++this.matched === this.keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      pass.push(...this.keys.slice(0, this.matched));
      this.matched = byte === this.keys[0] ? 1 : 0;
      if (this.matched === 0) pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  }
}
