// Further processes in containers, by exec id. They live as long as the daemon knows their container, in memory only.

/** Body of POST /containers/{id}/exec. */
export interface ExecConfig {
  User?: string;
  Privileged?: boolean;
  Tty?: boolean;
  ConsoleSize?: [height: number, width: number] | null;
  AttachStdin?: boolean;
  AttachStderr?: boolean;
  AttachStdout?: boolean;
  DetachKeys?: string;
  Env?: string[] | null;
  WorkingDir?: string;
  Cmd?: string[] | null;
}

export interface ExecRecord {
  readonly id: string;
  readonly containerId: string;
  readonly config: ExecConfig;
  state: "created" | "starting" | "running" | "ended";
  exitCode: number | null;
  pid: number;
}

export interface ExecTable {
  add(record: ExecRecord): void;
  find(id: string): ExecRecord | undefined;
  of(containerId: string): ExecRecord[];
  remove(id: string): void;
  /** Forgets those of a container that is gone. */
  forget(containerId: string): void;
}

export function createExecTable(): ExecTable {
  const records = new Map<string, ExecRecord>();
  const of = (containerId: string): ExecRecord[] => [...records.values()].filter((record) => record.containerId === containerId);
  return {
    add: (record) => void records.set(record.id, record),
    find: (id) => records.get(id),
    of,
    remove: (id) => void records.delete(id),
    forget(containerId) {
      for (const record of of(containerId)) records.delete(record.id);
    },
  };
}
