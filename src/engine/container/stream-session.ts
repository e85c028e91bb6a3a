// A client's side of a running process: what it writes and what it is given. Handed to the API, which hijacks the connection.

export interface OutputChunk {
  /** 1 stdout (and everything of a terminal), 2 stderr */
  stream: 1 | 2;
  bytes: Uint8Array;
}

export interface StreamSession {
  tty: boolean;
  /** Ends when the process's streams have ended, or the client typed its detach keys. */
  output: AsyncIterable<OutputChunk>;
  /** Undefined if the client has not asked for it or the process has none. */
  stdin?: { write(bytes: Uint8Array): Promise<void>; end(): void };
  /** The client is gone: stops receiving; the process goes on. */
  close(): void;
}
