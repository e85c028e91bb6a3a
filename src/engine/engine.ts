// The readonly set of parts that verbs work with. A verb asks for only what it uses, by Pick<Engine, …>.
import type { KeyedLock } from "../base/lock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config.ts";
import type { Network } from "../network/network.ts";
import type { Registry } from "../registry/registry.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { ExecTable } from "./container/exec-table.ts";
import type { Supervisor } from "./container/supervisor.ts";

export interface Engine {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly network: Network;
  readonly registry: Registry;
  readonly events: Events;
  /** One holder per container id, for anything that changes its state. */
  readonly containerLocks: KeyedLock;
  readonly supervisor: Supervisor;
  /** Execs live as long as the daemon knows their container. */
  readonly execs: ExecTable;
}
