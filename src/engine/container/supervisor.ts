// What happens to containers without a client asking: exits, restart policies, health checks, auto-remove, recovery.

export interface Supervisor {
  /** Walks records after the start of the daemon: reconnects what runs, finishes what was half done, restarts by policy. */
  recover(): Promise<void>;
  /** Called with the container's lock held, once its process runs. */
  started(containerId: string): void;
  /** Stops waiting restarts of a container (stop, rm, kill). */
  cancelRestart(containerId: string): void;
  /** Resolves at the next matching moment, as POST /containers/{id}/wait; rejects `not_found` for an unknown one. */
  wait(containerId: string, condition: "not-running" | "next-exit" | "removed", signal?: AbortSignal): Promise<{ exitCode: number; error?: string }>;
  /** Stops timers and health probes; containers go on. */
  close(): Promise<void>;
}
