// The whole engine in this process, as the daemon builds it, but with a runtime and a network that only pretend. The
// store is real, in a temporary directory; its images are made in memory.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createKeyedLock } from "../../src/base/lock.ts";
import { createLog, type Log, silentLog } from "../../src/base/log.ts";
import type { Config } from "../../src/config.ts";
import { type Clock, rfc3339 } from "../../src/engine/clock.ts";
import { createExecTable } from "../../src/engine/container/exec-table.ts";
import { createSupervisor } from "../../src/engine/container/supervise.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createEvents } from "../../src/engine/events.ts";
import { setReference } from "../../src/engine/image/tag.ts";
import { ensurePredefinedNetworks, recoverNetworks } from "../../src/engine/network/predefined.ts";
import { recoverVolumes } from "../../src/engine/volume/recover.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { type EventRow, openStore } from "../../src/store/store.ts";
import type { Digest, ImageId, ImageRunConfig } from "../../src/wire/oci.ts";
import { FakeNetwork } from "./fake-network.ts";
import { FakeRuntime } from "./fake-runtime.ts";

export interface TestEngine extends AsyncDisposable {
  engine: Engine;
  readonly runtime: FakeRuntime;
  readonly network: FakeNetwork;
  readonly root: string;
  /** ms since 1970; moves only by the test's hand. */
  nowMs: number;
  /** An image of one layer with these files. */
  image(name: string, options?: { config?: ImageRunConfig; files?: Record<string, string> }): ImageId;
  /** `type action` and chosen attributes of every event since the last call. */
  events(): string[];
  rawEvents(): EventRow[];
  /** The daemon is killed and started again on the same files; processes go on. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

const PASSWD = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/bin/sh\n";
const GROUP = "root:x:0:\nweb:x:33:\n";

export async function startTestEngine(options: { log?: boolean; directory?: string } = {}): Promise<TestEngine> {
  const root = mkdtempSync(join(options.directory ?? tmpdir(), "berth-engine-"));
  const log = options.log === true ? createLog("debug", (line) => void process.stderr.write(line)) : silentLog;
  const test = new InProcess(root, log);
  await test.open();
  return test;
}

class InProcess implements TestEngine {
  engine!: Engine;
  nowMs = Date.UTC(2026, 0, 1);
  readonly runtime = new FakeRuntime(() => this.nowMs);
  readonly network = new FakeNetwork();
  private seen = 0;
  private nano = 0n;

  constructor(
    readonly root: string,
    private readonly log: Log,
  ) {}

  async open(): Promise<void> {
    const { root, log, network } = this;
    const config = testConfig(root);
    const clock = this.clock();
    const store = await openStore({ root: config.root, runRoot: config.runRoot, workerCommand: config.workerCommand }, log);
    const base = { config, log, clock, store, network, runtime: this.runtime, registry: {} as Registry, events: createEvents(store, clock), containerLocks: createKeyedLock(), execs: createExecTable() };
    const supervisor = createSupervisor(base);
    this.engine = { ...base, supervisor };
    await ensurePredefinedNetworks(this.engine);
    await recoverNetworks(this.engine);
    await recoverVolumes(this.engine);
    await supervisor.recover();
  }

  image(name: string, { config = { Cmd: ["sleep"] }, files = {} }: { config?: ImageRunConfig; files?: Record<string, string> } = {}): ImageId {
    const { store, events } = this.engine;
    const diffId = sha(JSON.stringify([name, files]));
    const text = JSON.stringify({ architecture: "amd64", os: "linux", config, rootfs: { type: "layers", diff_ids: [diffId] }, name });
    const id = sha(text);
    const directory = diffId.slice(7, 19);
    for (const [path, content] of Object.entries({ "etc/passwd": PASSWD, "etc/group": GROUP, ...files })) {
      const target = join(this.root, "data/layers", directory, "diff", path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    writeFileSync(store.content.path(id), text);
    store.update((tx) => {
      tx.diffs.put({ diffId, directory, sizeBytes: 100, diskBytes: 100, tarBytes: 0, entries: 1, sources: [] });
      tx.layers.put({ chainId: diffId, diffId, sizeBytes: 100 });
      tx.blobs.put({ digest: id, sizeBytes: text.length, mediaType: "x" });
      tx.images.put({
        id, created: "", createdMs: 0, os: "linux", architecture: "amd64", chainIds: [diffId], diffIds: [diffId], labels: {}, sizeBytes: 100, configSizeBytes: text.length, manifests: [],
        origin: { how: "load", atMs: this.nowMs, by: {} }, lastTaggedMs: 0, useCount: 0,
      });
      setReference(tx, events, { name: `docker.io/library/${name}:latest`, imageId: id, nowMs: this.nowMs, announce: false });
    });
    return id;
  }

  events(): string[] {
    return this.rawEvents().map(({ type, action, attributes }) => [type, action, ...["exitCode", "signal", "oldName"].flatMap((key) => attributes[key] ?? [])].join(" "));
  }

  rawEvents(): EventRow[] {
    const found = this.engine.store.view((tx) => tx.eventsAfter(this.seen, 1000));
    this.seen = found.at(-1)?.seq ?? this.seen;
    return found;
  }

  async crash(): Promise<void> {
    this.runtime.forgetListeners();
    await this.engine.supervisor.close();
    await this.engine.store.close();
    await this.open();
  }

  async close(): Promise<void> {
    await this.engine.supervisor.close();
    await this.engine.store.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private clock(): Clock {
    const now = (): bigint => BigInt(this.nowMs) * 1_000_000n + ++this.nano;
    return { nowMs: () => this.nowMs, nowRfc3339: () => rfc3339(now()), nowNano: () => now().toString() };
  }
}

function sha(text: string): Digest {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function testConfig(root: string): Config {
  return {
    root: join(root, "data"), runRoot: join(root, "run"), hosts: [], bridge: "test0", bip: "10.98.0.1/24", group: "root", containersPerShim: 1, registryMirrors: [], insecureRegistries: [], httpProxy: "", httpsProxy: "", noProxy: "",
    certDirectories: [], logDriver: "json-file", logOptions: {}, labels: [], dns: [], defaultShmSizeBytes: 64 << 20, maxConcurrentDownloads: 1, maxConcurrentUploads: 1, maxDownloadAttempts: 1,
    debug: false, workerCommand: [process.execPath, join(import.meta.dir, "worker-entry.ts")],
  };
}
