// A table of rows kept in memory and written through: reads cost no I/O, writes join the open transaction and are
// undone if it fails. Secondary indexes are functions from a row to its keys.

export interface ReadTable<R, Index extends string = never> {
  find(id: string): R | undefined;
  has(id: string): boolean;
  /** All rows, in order of insertion. */
  list(): R[];
  readonly size: number;
  /** Rows that have `key` under `index`. */
  by(index: Index, key: string): R[];
  /** True if any row has `key` under `index`. */
  any(index: Index, key: string): boolean;
  /** How many rows have `key` under `index`; costs the same however many. */
  count(index: Index, key: string): number;
  /** Ids that begin with `prefix`, at most `limit`. */
  idsWithPrefix(prefix: string, limit: number): string[];
}

export interface WriteTable<R, Index extends string = never> extends ReadTable<R, Index> {
  put(row: R): void;
  /** False if there was none. */
  remove(id: string): boolean;
}

/** Where rows go: one prepared statement each. */
export interface RowSink {
  put(id: string, text: string): void;
  remove(id: string): void;
  all(): Iterable<{ id: string; text: string }>;
}

type Undo = () => void;

export class MemoryTable<R extends object, Index extends string = never> implements WriteTable<R, Index> {
  private readonly rows = new Map<string, R>();
  private readonly indexes: Map<Index, Map<string, Map<string, R>>> = new Map();

  constructor(
    private readonly sink: RowSink,
    private readonly idOf: (row: R) => string,
    private readonly keysOf: Record<Index, (row: R) => readonly string[]>,
    private readonly transaction: { undo(step: Undo): void },
  ) {
    for (const index of Object.keys(keysOf) as Index[]) this.indexes.set(index, new Map());
    for (const { id, text } of sink.all()) this.insert(id, JSON.parse(text) as R);
  }

  get size(): number {
    return this.rows.size;
  }

  find(id: string): R | undefined {
    return this.rows.get(id);
  }

  has(id: string): boolean {
    return this.rows.has(id);
  }

  list(): R[] {
    return [...this.rows.values()];
  }

  by(index: Index, key: string): R[] {
    const found = this.indexes.get(index)?.get(key);
    return found === undefined ? [] : [...found.values()];
  }

  any(index: Index, key: string): boolean {
    return this.indexes.get(index)?.has(key) ?? false;
  }

  count(index: Index, key: string): number {
    return this.indexes.get(index)?.get(key)?.size ?? 0;
  }

  idsWithPrefix(prefix: string, limit: number): string[] {
    const found: string[] = [];
    for (const id of this.rows.keys()) {
      if (id.startsWith(prefix) && found.push(id) >= limit) break;
    }
    return found;
  }

  put(row: R): void {
    const id = this.idOf(row);
    const before = this.rows.get(id);
    this.transaction.undo(() => (before === undefined ? this.drop(id) : this.replace(id, before)));
    this.sink.put(id, JSON.stringify(row));
    this.replace(id, row);
  }

  remove(id: string): boolean {
    const before = this.rows.get(id);
    if (before === undefined) return false;
    this.transaction.undo(() => this.insert(id, before));
    this.sink.remove(id);
    this.drop(id);
    return true;
  }

  private replace(id: string, row: R): void {
    const now = this.rows.get(id);
    if (now !== undefined) this.unindex(id, now);
    this.insert(id, row);
  }

  private insert(id: string, row: R): void {
    this.rows.set(id, row);
    for (const [index, keys] of this.indexes) {
      for (const key of this.keysOf[index](row)) {
        const bucket = keys.get(key);
        if (bucket === undefined) keys.set(key, new Map([[id, row]]));
        else bucket.set(id, row);
      }
    }
  }

  private drop(id: string): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    this.unindex(id, row);
    this.rows.delete(id);
  }

  private unindex(id: string, row: R): void {
    for (const [index, keys] of this.indexes) {
      for (const key of this.keysOf[index](row)) {
        const bucket = keys.get(key);
        bucket?.delete(id);
        if (bucket?.size === 0) keys.delete(key);
      }
    }
  }
}
