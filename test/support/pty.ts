// A program at a terminal of its own, with somebody typing: what it shows, how its terminal is left, how it ends.
import { readFileSync } from "node:fs";
import { poll } from "./poll.ts";

export interface PtyOptions {
  columns?: number;
  rows?: number;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** Printed by the shell around the program when it has ended. */
const END = /\nTERMINAL (same|changed) STATUS (\d+)\r\n/;

export class Pty {
  #shown = "";
  readonly #child: ReturnType<typeof Bun.spawn>;

  /** `words` is run by a shell that compares the terminal's settings before and after. */
  constructor(words: readonly string[], { columns = 100, rows = 30, env = {}, cwd }: PtyOptions = {}) {
    const script = 'before=$(stty -g); trap : INT QUIT; "$@"; status=$?; after=$(stty -g); [ "$before" = "$after" ] && same=same || same=changed; stty sane; printf "\\nTERMINAL %s STATUS %s\\n" "$same" "$status"';
    this.#child = Bun.spawn(["sh", "-c", script, "sh", ...words], {
      cwd,
      env: { ...process.env, TERM: "xterm", ...env },
      terminal: { cols: columns, rows, data: (_terminal, bytes) => void (this.#shown += Buffer.from(bytes).toString()) },
    });
  }

  /** All that was shown until now. */
  get shown(): string {
    return this.#shown;
  }

  type(text: string): void {
    this.#child.terminal!.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#child.terminal!.resize(columns, rows);
  }

  /** Waits until the text is on the screen. */
  async sees(text: string | RegExp, deadlineMs = 20_000): Promise<void> {
    const has = () => (typeof text === "string" ? this.#shown.includes(text) : text.test(this.#shown));
    await poll(`the terminal shows ${text}`, has, deadlineMs).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}; it shows ${JSON.stringify(this.#shown.slice(-2_000))}`);
    });
  }

  /** Waits for the end: the exit code, and whether the terminal is as it was. */
  async end(deadlineMs = 20_000): Promise<{ exitCode: number; restored: boolean; shown: string }> {
    await this.sees(END, deadlineMs);
    await this.#child.exited;
    const [whole, same, status] = END.exec(this.#shown)!;
    this.#child.terminal!.close();
    return { exitCode: Number(status), restored: same === "same", shown: this.#shown.replace(whole, "") };
  }

  /** Of the program, not of the shell around it. */
  async pid(): Promise<number> {
    const path = `/proc/${this.#child.pid}/task/${this.#child.pid}/children`;
    let found: string | undefined;
    await poll("the shell runs the program", async () => {
      found = (await Bun.file(path).text()).trim().split(" ").find((child) => child !== "" && !/^(sh|stty)$/.test(commandOf(child)));
      return found !== undefined;
    });
    return Number(found);
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "sh"; // it has just ended
  }
}
