// The database file: the only place that knows SQLite. Tables of (id, text) and the event log; one process at a time.
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";
import { chmodSync, closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { conflict, EngineError, internal, messageOf, unavailable } from "../base/errors.ts";
import type { RowSink } from "./table.ts";

/** Grows when older programs could no longer read what is written. */
export const SCHEMA_VERSION = 1;

const TABLES = ["images", "refs", "layers", "diffs", "blobs", "leases", "containers", "volumes", "networks", "pins", "plans", "settings"] as const;
export type TableName = (typeof TABLES)[number];

export interface StoredEvent {
  seq: number;
  timeMs: number;
  text: string;
}

export class Db {
  private readonly database: Database;
  private readonly statements = new Map<string, Statement>();

  /** `conflict` if another process has it open or a newer program wrote it. */
  constructor(private readonly path: string) {
    // it holds what containers were told, secrets too; SQLite gives its other files the same mode
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
    this.database = new Database(path, { create: true, strict: true });
    try {
      this.prepare();
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  private prepare(): void {
    const { path } = this;
    // exclusive: a second daemon on this data root is refused, and the lock dies with the process
    this.translate(() => {
      this.database.run("PRAGMA busy_timeout = 1000");
      this.database.run("PRAGMA locking_mode = EXCLUSIVE");
      this.database.run("PRAGMA journal_mode = WAL");
      this.database.run("PRAGMA synchronous = NORMAL");
      this.database.run("BEGIN IMMEDIATE");
    }, path);
    const version = this.database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
    if (version > SCHEMA_VERSION) {
      this.database.run("ROLLBACK");
      throw conflict(`${path} was written by a newer version (schema ${version}; this one knows ${SCHEMA_VERSION})`);
    }
    for (const table of TABLES) this.database.run(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, text TEXT NOT NULL)`);
    this.database.run("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, timeMs INTEGER NOT NULL, text TEXT NOT NULL)");
    this.database.run(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    this.database.run("COMMIT");
  }

  /** One table as a sink; the order of `all` is that of first insertion. */
  sink(table: TableName): RowSink {
    return {
      put: (id, text) => this.write(`INSERT INTO ${table} (id, text) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET text = excluded.text`, id, text),
      remove: (id) => this.write(`DELETE FROM ${table} WHERE id = ?`, id),
      all: () => this.all<{ id: string; text: string }>(`SELECT id, text FROM ${table} ORDER BY rowid`),
    };
  }

  begin(): void {
    this.translate(() => this.statement("BEGIN IMMEDIATE").run());
  }

  commit(): void {
    this.translate(() => this.statement("COMMIT").run());
  }

  rollback(): void {
    if (this.database.inTransaction) this.statement("ROLLBACK").run();
  }

  /** Resolves when everything committed so far survives a power cut too. Off the main thread. */
  async settle(): Promise<void> {
    // commits are in the log; a checkpoint in between has synced both files. (Only the log: closing another handle of the
    // database itself would drop this process's lock on it.)
    const log = await open(`${this.path}-wal`, "r+");
    try {
      await log.datasync();
    } finally {
      await log.close();
    }
  }

  addEvent(event: StoredEvent): void {
    this.write("INSERT INTO events (seq, timeMs, text) VALUES (?, ?, ?)", event.seq, event.timeMs, event.text);
  }

  /** Forgets events up to and including `seq`. */
  trimEvents(seq: number): void {
    this.write("DELETE FROM events WHERE seq <= ?", seq);
  }

  eventsAfter(seq: number, limit: number): StoredEvent[] {
    return this.all<StoredEvent>("SELECT seq, timeMs, text FROM events WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit);
  }

  firstEvent(): StoredEvent | undefined {
    return this.all<StoredEvent>("SELECT seq, timeMs, text FROM events ORDER BY seq LIMIT 1")[0];
  }

  lastEvent(): StoredEvent | undefined {
    return this.all<StoredEvent>("SELECT seq, timeMs, text FROM events ORDER BY seq DESC LIMIT 1")[0];
  }

  close(): void {
    for (const statement of this.statements.values()) statement.finalize();
    this.statements.clear();
    this.database.close();
  }

  private write(sql: string, ...values: SQLQueryBindings[]): void {
    this.translate(() => this.statement(sql).run(...values));
  }

  private all<R>(sql: string, ...values: SQLQueryBindings[]): R[] {
    return this.translate(() => this.statement(sql).all(...values) as R[]);
  }

  private statement(sql: string): Statement {
    let statement = this.statements.get(sql);
    if (statement === undefined) this.statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }

  private translate<T>(work: () => T, path = "the database"): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const code = (error as { code?: string }).code ?? "";
      if (code.startsWith("SQLITE_BUSY")) throw conflict(`${path} is in use by another process`, {}, error);
      if (code.startsWith("SQLITE_FULL")) throw unavailable("no space left on device", { full: true }, error);
      throw internal(`database: ${messageOf(error)}`, { code }, error);
    }
  }
}
