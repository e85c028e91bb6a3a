// A proxy that leads every name to the machine itself, for requests and for tunnels.
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface FakeProxy extends AsyncDisposable {
  readonly url: string;
  /** `METHOD target`, with what it was authorised by. */
  readonly seen: string[];
}

/** `refusal`: what it says to every CONNECT before it closes. */
export async function startFakeProxy({ refusal }: { refusal?: string } = {}): Promise<FakeProxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const note = (method: string, target: string, authorization: string | undefined): void => void seen.push(`${method} ${target}${authorization === undefined ? "" : ` ${authorization}`}`);
  const server = createServer((request, response) => {
    const target = new URL(request.url ?? "");
    note(request.method ?? "", target.host, request.headers["proxy-authorization"]);
    const onward = httpRequest({ host: "127.0.0.1", port: target.port, method: request.method, path: target.pathname + target.search, headers: { ...request.headers, host: target.host } }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("connect", (request, socket: Socket) => {
    note("CONNECT", request.url ?? "", request.headers["proxy-authorization"]);
    if (refusal !== undefined) return void socket.end(refusal);
    const onward = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
