// An engine with a real store and a real registry client, and pulls into it with what they told.
import { join } from "node:path";
import { createLog } from "../../src/base/log.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { pullImage, type PullRequest } from "../../src/engine/image/pull.ts";
import type { RegistryOptions } from "../../src/registry/registry.ts";
import { openRegistry } from "../../src/registry/open.ts";
import type { ProgressMessage } from "../../src/wire/progress.ts";
import { startTestEngine, type TestEngine } from "./engine.ts";
import { entriesOf } from "./or-empty.ts";

export interface PullLab extends AsyncDisposable {
  engine: Engine;
  test: TestEngine;
  /** `id: status` of each message; counts of bytes are left out. */
  pull(image: string, options?: Partial<PullRequest> & { signal?: AbortSignal; progress?: (message: ProgressMessage) => void }): Promise<string[]>;
  /** Everything the registry client logged. */
  logged(): string;
  /** Names of what is in the store that no row speaks of, after a collection; rows of leases and blobs too. */
  leftovers(): Promise<string[]>;
}

export async function startPullLab({ directory, ...options }: Partial<RegistryOptions> & { directory?: string } = {}): Promise<PullLab> {
  const test = await startTestEngine(directory === undefined ? {} : { directory });
  const lines: string[] = [];
  const log = createLog("debug", (line) => void lines.push(line));
  const registry = openRegistry(
    {
      mirrors: [], insecureRegistries: [], certDirectories: [], userAgent: "test", maxAttempts: 3, environment: {}, ...options,
      timeouts: { backoffMs: 10, stallMs: 30_000, ...options.timeouts },
    },
    log,
  );
  const engine: Engine = { ...test.engine, registry, log };
  return {
    engine,
    test,
    async pull(image, { signal = new AbortController().signal, progress, ...request } = {}) {
      const told: string[] = [];
      const sink = (message: ProgressMessage): void => {
        progress?.(message);
        if (message.progressDetail?.current === undefined) told.push(`${message.id === undefined ? "" : `${message.id}: `}${message.status ?? ""}`);
      };
      await pullImage(engine, { image, actor: {}, ...request }, sink, signal);
      return told;
    },
    logged: () => lines.join("\n"),
    async leftovers() {
      await engine.store.collect();
      await engine.store.idle();
      const rows = engine.store.view((tx) => [...tx.leases.list().map(({ purpose }) => `lease ${purpose}`), ...tx.blobs.list().map(({ digest }) => `blob ${digest}`), ...tx.diffs.list().map(({ diffId }) => `diff ${diffId}`)]);
      const files = ["data/layers", "data/blobs/sha256", "data/tmp", "data/trash"].flatMap((name) => entriesOf(join(test.root, name)).map((file) => `${name}/${file}`));
      return [...rows, ...files];
    },
    async [Symbol.asyncDispose]() {
      await registry.close();
      await test.close();
    },
  };
}
