// The daemon behind ssh://: `ssh HOST docker system dial-stdio` carries the connection.
import { spawn } from "node:child_process";
import { Duplex, Readable } from "node:stream";
import type { Socket } from "node:net";
import { failure } from "./failure.ts";

type SshEndpoint = { readonly kind: "ssh"; readonly url: string };

export async function dialOverSsh(endpoint: SshEndpoint): Promise<Socket> {
  const child = spawn("ssh", sshArguments(endpoint.url), { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin } as unknown as Iterable<unknown>);
  duplex.once("close", () => child.kill());
  return duplex as unknown as Socket;
}

export function sshArguments(url: string): string[] {
  const { username, hostname, port, pathname } = new URL(url);
  if (hostname === "") throw failure(`invalid SSH URL: no host specified`);
  const remote = pathname && pathname !== "/" ? ["docker", "--host", `unix://${pathname}`] : ["docker"];
  return [...(username ? ["-l", username] : []), ...(port ? ["-p", port] : []), "-o", "ConnectTimeout=30", "-T", "--", hostname, ...remote, "system", "dial-stdio"];
}

/** A plain request over a connection of its own. */
export async function fetchOverSsh(endpoint: SshEndpoint, target: string, init: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal }): Promise<Response> {
  const { openRaw } = await import("./raw-connection.ts");
  const raw = await openRaw(endpoint, target, init.method, { ...init.headers, Connection: "close" }, init.body ?? "", init.signal);
  const bodyless = init.method === "HEAD" || raw.status === 204 || raw.status === 304;
  if (bodyless) raw.close();
  const body = bodyless ? null : Readable.toWeb(Readable.from(raw.output));
  return new Response(body as ReadableStream | null, { status: raw.status, headers: [...raw.headers] });
}
