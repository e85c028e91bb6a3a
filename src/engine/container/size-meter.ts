// Measures what a container has written, some time after it ended, so that nobody has to wait for it later.
import type { Engine } from "../engine.ts";
import { measureContainers } from "../removal/container-bytes.ts";

/** Long enough that what is removed right after its end is never measured. */
const REST_MS = 2000;

export class SizeMeter {
  private readonly wanted = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly engine: Pick<Engine, "store" | "log">) {}

  wants(containerId: string): void {
    this.wanted.add(containerId);
    this.timer ??= setTimeout(() => this.measure(), REST_MS).unref();
  }

  async idle(): Promise<void> {
    await this.running;
  }

  close(): void {
    clearTimeout(this.timer);
    this.wanted.clear();
  }

  private measure(): void {
    this.timer = undefined;
    const ids = [...this.wanted];
    this.wanted.clear();
    const rows = this.engine.store.view((tx) => ids.flatMap((id) => tx.containers.find(id) ?? [])).filter((row) => !row.state.Running && row.sizeRwBytes === undefined);
    if (rows.length === 0) return;
    const before = this.running;
    this.running = (async () => {
      await before;
      await measureContainers(this.engine, rows, { files: false });
    })();
  }
}
