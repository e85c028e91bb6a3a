// The key sequence that leaves a container running: `ctrl-p,ctrl-q` notation → bytes, and their detection in the input.
import { failure } from "../failure.ts";

const CONTROL: Readonly<Record<string, number>> = { "@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, _: 31 };
export const DEFAULT_DETACH_KEYS = "ctrl-p,ctrl-q";

/** Throws Docker's complaint about an unknown key. */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text.split(",").map(keyCode));
}

function keyCode(key: string): number {
  if (key.length === 1) return key.charCodeAt(0);
  const letter = /^ctrl-(.)$/.exec(key)?.[1];
  if (letter !== undefined && /[a-z]/.test(letter)) return letter.charCodeAt(0) - 96;
  const code = letter === undefined ? undefined : CONTROL[letter];
  if (code === undefined) throw failure(`invalid detach keys (${key}): Unknown character: '${key}'`);
  return code;
}

/** Passes input on, holding back what may become the sequence. */
export class DetachScanner {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  push(bytes: Uint8Array): { pass: Uint8Array; detached: boolean } {
    if (this.#matched === 0 && (this.#keys.length === 0 || !bytes.includes(this.#keys[0]!))) return { pass: bytes, detached: false };
    const pass: number[] = [];
    for (const byte of bytes) {
      if (this.#keys.length > 0 && byte === this.#keys[this.#matched]) {
        if (++this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      for (let index = 0; index < this.#matched; index++) pass.push(this.#keys[index]!);
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  }
}
