// HTTP by hand over a unix socket: exactly these bytes go out, and everything that comes back is given.
import { connect, type Socket } from "node:net";
import { poll } from "../support/poll.ts";

export interface RawConnection extends Disposable {
  send(text: string | Uint8Array): void;
  /** Our side is said to be over; the other may go on. */
  halfClose(): void;
  /** All that came so far, as Latin-1. */
  received(): string;
  /** Until the pattern is in what came, or the engine closed; resolves to all that came. */
  until(pattern: RegExp): Promise<string>;
  readonly closed: boolean;
}

export function openRaw(path: string): RawConnection {
  let text = "";
  let closed = false;
  const socket: Socket = connect({ path, allowHalfOpen: true });
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("end", () => (closed = true));
  socket.on("error", () => (closed = true));
  return {
    send: (bytes) => void socket.write(bytes),
    halfClose: () => void socket.end(),
    received: () => text,
    async until(pattern) {
      await poll(`${pattern} in ${JSON.stringify(text.slice(-300))}`, () => pattern.test(text) || closed, 30_000).catch((error: unknown) => {
        throw new Error(`got only ${JSON.stringify(text.slice(-1000))}`, { cause: error });
      });
      return text;
    },
    get closed() {
      return closed;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One request on a connection of its own that the engine closes after its answer. */
export async function askRaw(path: string, lines: readonly string[], body = ""): Promise<RawAnswer> {
  using connection = openRaw(path);
  connection.send(`${[...lines, "Host: docker", "Connection: close"].join("\r\n")}\r\n\r\n${body}`);
  return parseAnswer(await connection.until(/$never/));
}

export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const body = text.slice(end + 4);
  return { status: Number(first.split(" ")[1]), headers, body: headers["transfer-encoding"] === "chunked" ? unchunk(body) : body };
}

function unchunk(text: string): string {
  let whole = "";
  for (let rest = text; ; ) {
    const line = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, line), 16);
    if (!(size > 0)) return whole;
    whole += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 4 + size);
  }
}
