// What happens to containers without a client asking: exits, restart policies, health checks, auto-remove, recovery.
import type { Actor } from "../../store/store.ts";
import type { PendingStop } from "./stops.ts";
import type { Ended } from "./waiters.ts";

export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface Supervisor {
  /** Walks records after the start of the daemon: reconnects what runs, finishes what was half done, restarts by policy. */
  recover(): Promise<void>;
  /** Called with the container's lock held, once its process is made but waits: attached clients get its streams. */
  taskMade(containerId: string): void;
  /** Called with the container's lock held, once its process runs. */
  started(containerId: string): void;
  /** Called with the container's lock held, when a start has failed. `ended`: it was waiting for a restart by policy, and that was the end. */
  startFailed(containerId: string, ended: Ended | undefined): void;
  /** Called with the container's lock held, once nothing is left of a run. */
  ended(containerId: string, ended: Ended): void;
  /** Called with the container's lock held, when a restart by policy will not come. */
  gaveUp(containerId: string, ended: Ended): void;
  /** Called once the container's row is gone. */
  removed(containerId: string, ended: Ended): void;
  /** Health probes rest while it is paused. */
  paused(containerId: string): void;
  resumed(containerId: string): void;
  /** Tells when the container's next process is made (its streams can be had) or will not be. Returns the way to stop listening. */
  onTask(containerId: string, listener: (outcome: "made" | "failed") => void): () => void;
  /** Stops waiting restarts of a container (stop, rm, kill) and forgets how long the next would wait. */
  cancelRestart(containerId: string): void;
  /** Until it is released, the end of the container's process leads neither to a restart by policy nor to its removal. */
  holdForRestart(containerId: string): Disposable;
  /** A client stops it: until that is released, the end of its process is a stop. */
  stopping(containerId: string, actor: Actor): PendingStop;
  /** Those who stop it, for the one who announces its end. */
  takeStops(containerId: string): Actor[];
  /** Resolves at the next matching moment, as POST /containers/{id}/wait; rejects `not_found` for an unknown one. */
  wait(containerId: string, condition: WaitCondition, signal?: AbortSignal): Promise<Ended>;
  /** Resolves when nothing that was begun here is going on: exits handled, restarts whose time has come, removals. */
  idle(): Promise<void>;
  /** Stops timers and health probes; containers go on. */
  close(): Promise<void>;
}
