import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { type Claims, PortClaims } from "./port-claims.ts";

const TARGET = { ipv4: "127.0.0.1", hostBindingIp: "0.0.0.0" };
const open: (Claims | Server)[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) {
    if ("release" in each) each.release();
    else await new Promise((resolve) => each.close(resolve));
  }
});

/** A server on a free port of the loopback address. */
async function serve(answer = ""): Promise<number> {
  const server = createServer((socket) => void socket.end(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return (server.address() as AddressInfo).port;
}
async function claim(ports: PortClaims, request: { containerPort?: number; hostIp?: string; hostPort: string; protocol?: "tcp" | "udp" | "sctp" }) {
  const claims = await ports.claim([{ containerPort: 80, protocol: "tcp", ...request }], TARGET);
  open.push(claims);
  return claims;
}
const failure = (work: Promise<unknown>): Promise<string> => work.then(() => "no failure", (error: unknown) => (error as Error).message);

test("without an address a port is published on both families, with the same number", async () => {
  const { published } = await claim(new PortClaims(), { hostPort: "" });
  expect(published.map((port) => port.hostIp)).toContain("0.0.0.0");
  expect(new Set(published.map((port) => port.hostPort)).size).toBe(1);
});

test("a port that another container has is refused with the address that has it, whichever is the wider one", async () => {
  const ports = new PortClaims();
  const { published } = await claim(ports, { hostIp: "127.0.0.1", hostPort: "" });
  const taken = published[0]?.hostPort ?? 0;
  expect(await failure(claim(ports, { hostPort: `${taken}` }))).toBe(`Bind for 127.0.0.1:${taken} failed: port is already allocated`);
  expect(await failure(claim(ports, { hostIp: "127.0.0.1", hostPort: `${taken}` }))).toBe(`Bind for 127.0.0.1:${taken} failed: port is already allocated`);
  expect(ports.size).toBe(1);
});

test("another program's port is refused in the kernel's words", async () => {
  const taken = await serve();
  expect(await failure(claim(new PortClaims(), { hostIp: "127.0.0.1", hostPort: `${taken}` }))).toBe(`failed to bind host port for 127.0.0.1:${taken}:127.0.0.1:80/tcp: address already in use`);
  expect(await failure(claim(new PortClaims(), { hostIp: "198.51.100.7", hostPort: "" }))).toContain("cannot assign requested address");
});

test("from a range the first free one is taken", async () => {
  const ports = new PortClaims();
  const first = (await claim(ports, { hostIp: "127.0.0.1", hostPort: "" })).published[0]?.hostPort ?? 0;
  const { published } = await claim(ports, { hostIp: "127.0.0.1", hostPort: `${first}-${first + 400}` });
  expect(published[0]?.hostPort).toBeGreaterThan(first);
  expect(published[0]?.hostPort).toBeLessThanOrEqual(first + 400);
});

test("random ports go round the range and skip what is taken", async () => {
  const taken = await serve();
  const ports = new PortClaims({ first: taken, last: taken });
  expect(await failure(claim(ports, { hostIp: "127.0.0.1", hostPort: "" }))).toBe("all ports are allocated");
});

test("all or none, and what is released can be claimed again", async () => {
  const ports = new PortClaims();
  const taken = await serve();
  const request = { containerPort: 80, protocol: "tcp" as const, hostIp: "127.0.0.1" };
  expect(await failure(ports.claim([{ ...request, hostPort: "" }, { ...request, hostPort: `${taken}` }], TARGET))).toContain("address already in use");
  expect(ports.size).toBe(0);
  // a stranger may take the port in between: then try again with another
  for (let tries = 0; ; tries++) {
    const { published, release } = await ports.claim([{ ...request, hostPort: "" }], TARGET);
    release();
    const again = await failure(claim(ports, { hostIp: "127.0.0.1", hostPort: `${published[0]?.hostPort}` }));
    if (again === "no failure") return;
    if (tries === 20) expect(again).toBe("no failure");
  }
});

test("a held port carries what reaches it to the container", async () => {
  const inner = await serve("hello from inside");
  const { published } = await claim(new PortClaims(), { containerPort: inner, hostIp: "127.0.0.1", hostPort: "" });
  const socket = connect(published[0]?.hostPort ?? 0, "127.0.0.1");
  let got = "";
  for await (const bytes of socket) got += String(bytes);
  expect(got).toBe("hello from inside");
});

test("SCTP ports are counted though no socket holds them", async () => {
  const ports = new PortClaims();
  await claim(ports, { hostIp: "127.0.0.1", hostPort: "7", protocol: "sctp" });
  expect(await failure(claim(ports, { hostIp: "127.0.0.1", hostPort: "7", protocol: "sctp" }))).toContain("port is already allocated");
});
