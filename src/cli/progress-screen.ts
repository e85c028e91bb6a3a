// The moving part of a terminal's progress: one line per layer, redrawn in place, and a last line for the whole.
import type { ProgressMessage } from "./progress.ts";
import { humanSize } from "./units.ts";

interface Task {
  readonly id: string;
  status: string;
  current: number;
  total: number;
  /** Bytes still to be counted for the total: downloads and uploads, not unpacking. */
  moved: number;
  size: number;
}

const MOVING = /^(Downloading|Pushing|Loading layer|Uploading)/;
const REDRAW_MS = 80;
/** When nothing is told: a transfer that stands still should show it. */
const TICK_MS = 500;

export class ProgressScreen {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  readonly #tasks = new Map<string, Task>();
  #drawn = 0;
  #lastDrawMs = 0;
  #startMs = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  show(message: ProgressMessage): void {
    if (message.id === undefined || message.progressDetail === undefined) {
      this.#settle();
      this.#write(message.stream ?? `${message.id ? `${message.id}: ` : ""}${message.status ?? ""}${message.progress ? ` ${message.progress}` : ""}\n`);
      return;
    }
    this.#ticking ??= setInterval(() => this.#tick(), TICK_MS).unref();
    const fresh = this.#update(message.id, message);
    const nowMs = Date.now();
    if (fresh || nowMs - this.#lastDrawMs >= REDRAW_MS) this.#draw(nowMs);
  }

  /** Draws the last state and leaves it standing. */
  end(): void {
    clearInterval(this.#ticking);
    this.#settle();
  }

  #tick(): void {
    if (this.#startMs > 0 && this.#tasks.size > 0 && Date.now() - this.#lastDrawMs >= TICK_MS) this.#draw(Date.now());
  }

  #update(id: string, { status = "", progressDetail = {} }: ProgressMessage): boolean {
    const { current = 0, total = 0 } = progressDetail;
    const known = this.#tasks.get(id);
    const task = known ?? { id, status, current, total, moved: 0, size: 0 };
    const changed = task.status !== status;
    Object.assign(task, { status, current, total });
    if (MOVING.test(status)) {
      if (this.#startMs === 0) this.#startMs = Date.now();
      task.moved = current;
      task.size = Math.max(total, current);
    } else if (/complete|Pushed|Verifying|Extracting|exists/.test(status)) {
      task.moved = task.size;
    }
    this.#tasks.set(id, task);
    return changed || known === undefined;
  }

  #settle(): void {
    if (this.#tasks.size > 0) this.#draw(Date.now(), false);
    this.#tasks.clear();
    this.#drawn = 0;
  }

  #draw(nowMs: number, withTotal = true): void {
    this.#lastDrawMs = nowMs;
    const columns = this.#columns();
    const lines = [...this.#tasks.values()].map((task) => taskLine(task, columns));
    if (withTotal) lines.push(this.#totalLine(nowMs, columns));
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : "";
    this.#write(`${up}${lines.map((line) => `\r\x1b[2K${line}\n`).join("")}\x1b[J`);
    this.#drawn = lines.length;
  }

  #totalLine(nowMs: number, columns: number): string {
    const tasks = [...this.#tasks.values()];
    const moved = tasks.reduce((sum, task) => sum + task.moved, 0);
    const size = tasks.reduce((sum, task) => sum + task.size, 0);
    if (size === 0) return "";
    return totalText(moved, size, (nowMs - this.#startMs) / 1000).slice(0, columns - 1);
  }
}

export function totalText(movedBytes: number, sizeBytes: number, seconds: number): string {
  const rate = seconds > 0.2 ? movedBytes / seconds : 0;
  const left = rate > 0 && movedBytes < sizeBytes ? `  ${clock((sizeBytes - movedBytes) / rate)} left` : "";
  return `Total  ${humanSize(movedBytes, 4)}/${humanSize(sizeBytes, 4)}${rate > 0 ? `  ${humanSize(rate, 3)}/s` : ""}${left}`;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, "0")}s`;
}

/** `id: Downloading [=====>    ]  1.2MB/3.4MB`. */
function taskLine({ id, status, current, total }: Task, columns: number): string {
  if (current <= 0 && total <= 0) return `${id}: ${status} `.slice(0, columns - 1);
  if (total <= 0) return `${id}: ${status} ${humanSize(current).padStart(8)}`.slice(0, columns - 1);
  const counts = `${humanSize(current).padStart(8)}/${humanSize(total)}`;
  const room = columns - id.length - status.length - counts.length - 9;
  const width = Math.min(50, room);
  if (width < 10) return `${id}: ${status} ${counts}`.slice(0, columns - 1);
  const done = Math.min(width, Math.floor((current / total) * width));
  const bar = done >= width ? "=".repeat(width) : `${"=".repeat(done)}>${" ".repeat(width - done - 1)}`;
  return `${id}: ${status} [${bar}] ${counts}`;
}
