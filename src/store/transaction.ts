// One transaction at a time over the database and the tables in memory: both change, or neither.
import { EngineError, internal } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Db } from "./db.ts";

type Step = () => void;

export class Transaction {
  private open = false;
  private begun = false;
  private undoSteps: Step[] = [];
  private hooks: Step[] = [];

  constructor(
    private readonly db: Pick<Db, "begin" | "commit" | "rollback">,
    private readonly log: Log,
    /** Makes room on a full disk; false if there is none to make. */
    private readonly makeRoom: () => boolean = () => false,
  ) {}

  /** Runs `write`; commits, then runs the hooks. If it throws, everything is as before. Runs it again if the disk was full. */
  run<T>(write: () => T): T {
    try {
      return this.attempt(write);
    } catch (error) {
      const full = error instanceof EngineError && error.detail["full"] === true;
      if (!full || this.open || !this.makeRoom()) throw error;
      return this.attempt(write);
    }
  }

  private attempt<T>(write: () => T): T {
    if (this.open) throw internal("a transaction is open already");
    this.open = true;
    let result: T;
    let hooks: Step[];
    try {
      result = write();
      if (result instanceof Promise) throw internal("a transaction cannot wait");
      if (this.begun) this.db.commit();
      hooks = this.hooks;
    } catch (error) {
      this.unwind();
      throw error;
    } finally {
      this.open = this.begun = false;
      this.undoSteps = [];
      this.hooks = [];
    }
    for (const hook of hooks) this.call(hook);
    return result;
  }

  /** Before every write: the database's transaction begins with the first one, so that looking costs nothing. */
  touch(): void {
    if (!this.open) throw internal("a write outside of a transaction");
    if (this.begun) return;
    this.db.begin();
    this.begun = true;
  }

  undo(step: Step): void {
    this.touch();
    this.undoSteps.push(step);
  }

  afterCommit(hook: Step): void {
    if (!this.open) throw internal("a hook outside of a transaction");
    this.hooks.push(hook);
  }

  private unwind(): void {
    for (const step of this.undoSteps.toReversed()) step();
    if (!this.begun) return;
    try {
      this.db.rollback();
    } catch (error) {
      this.log.error("rollback failed", { error });
    }
  }

  private call(hook: Step): void {
    try {
      hook();
    } catch (error) {
      // it is committed: the caller must not take it for failed
      this.log.error("after-commit hook failed", { error });
    }
  }
}
