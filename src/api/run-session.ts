// Joins a client's connection with a process's streams until either is done.
import type { Log } from "../base/log.ts";
import type { StreamSession } from "../engine/container/stream-session.ts";
import { frame } from "../wire/stdcopy.ts";

export interface ClientEnd {
  /** False when the client has gone. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** What the client sends; its end is the end of stdin, not of the session. */
  input: AsyncIterable<Uint8Array>;
  /** Resolves when the connection is gone both ways. */
  closed: Promise<void>;
  end(): void;
  /** Framed unless the process has a terminal; a websocket is never framed. */
  framed?: boolean;
}

export async function runSession(session: StreamSession, client: ClientEnd, log: Log): Promise<void> {
  const feeding = feed(session, client).catch((error: unknown) => log.debug("stdin of a client ended", { error }));
  void client.closed.then(() => session.close());
  try {
    for await (const { stream, bytes } of session.output) {
      if (!(await client.write(session.tty || client.framed === false ? bytes : frame(stream, bytes)))) break;
    }
  } catch (error) {
    log.warn("streams of a client broke off", { error });
  }
  client.end();
  session.close();
  await Promise.race([feeding, client.closed]);
}

async function feed(session: StreamSession, client: ClientEnd): Promise<void> {
  const { stdin } = session;
  for await (const bytes of client.input) await stdin?.write(bytes);
  stdin?.end();
}
