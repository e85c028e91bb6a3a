// Where a registry is: the machine itself, IPv6, behind TLS with certificates of one's own, proxies, mirrors.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { makeAuthority, type Pair, type TestAuthority } from "../../../test/support/certificates.ts";
import { type FakeProxy, startFakeProxy } from "../../../test/support/fake-proxy.ts";
import { type FakeImage, type FakeRegistry, refuse, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { type PullLab, startPullLab } from "../../../test/support/pull-lab.ts";
import type { RegistryOptions } from "../../registry/registry.ts";

const HOST = "registry.berth.test";
const SECRET = "pRoXy-7f3a91";
let authority: TestAuthority | undefined;
let proxy: FakeProxy;

beforeAll(async () => {
  authority = makeAuthority([HOST]);
  proxy = await startFakeProxy();
});
afterAll(async () => {
  authority?.[Symbol.dispose]();
  await proxy[Symbol.asyncDispose]();
});

const addImage = (registry: FakeRegistry, repository = "team/app"): FakeImage => registry.image(repository, "v1", [{ files: [{ name: "a", content: repository }] }]);
const has = (lab: PullLab, image: FakeImage) => lab.engine.store.view((tx) => tx.images.has(image.id));
const throughProxy = () => ({ environment: { HTTPS_PROXY: `http://bob:${SECRET}@${proxy.url}`, HTTP_PROXY: proxy.url } });

async function pullFrom(registry: FakeRegistry, options: Partial<RegistryOptions>, host = `${HOST}:${registry.port}`): Promise<boolean> {
  await using lab = await startPullLab(options);
  const image = addImage(registry);
  try {
    await lab.pull(`${host}/team/app`, { tag: "v1" });
  } catch (error) {
    expect((error as Error).message).not.toContain(SECRET);
    throw error;
  } finally {
    expect(lab.logged()).not.toContain(SECRET);
  }
  return has(lab, image);
}

/** Reached through the proxy; its authority is known. */
async function pullTrusted(tls: Pair, host: string, files: Record<string, string> = {}): Promise<boolean> {
  await using registry = await startFakeRegistry({ tls });
  const address = `${host}:${registry.port}`;
  // waited for here: the registry goes with this block
  return await pullFrom(registry, { ...throughProxy(), certDirectories: [authority?.certsD(address, { "ca.crt": authority.ca, ...files }) ?? ""] }, address);
}

test("localhost needs no TLS, by name and by address", async () => {
  await using registry = await startFakeRegistry();
  expect(await pullFrom(registry, {}, `localhost:${registry.port}`)).toBe(true);
  expect(await pullFrom(registry, {}, registry.address)).toBe(true);
});

test("IPv6", async () => {
  const registry = await startFakeRegistry({ host: "::1" }).catch(() => undefined);
  if (registry === undefined) return console.log("skipped: no IPv6 here");
  await using _ = registry;
  expect(await pullFrom(registry, {}, registry.address)).toBe(true);
});

test("the machine itself may have any certificate", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: authority.server });
  expect(await pullFrom(registry, {}, registry.address)).toBe(true);
});

test("another machine's certificate must be known: certs.d, through a proxy with a password", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: authority.server });
  const host = `${HOST}:${registry.port}`;
  await expect(pullFrom(registry, throughProxy())).rejects.toThrow(`Get "https://${host}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`);
  expect(await pullFrom(registry, { ...throughProxy(), certDirectories: [authority.certsD(host, { "ca.crt": authority.ca })] })).toBe(true);
  expect(proxy.seen).toContain(`CONNECT ${host} Basic ${Buffer.from(`bob:${SECRET}`).toString("base64")}`);
});

test("an authority that the machine trusts", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: authority.server });
  const { environment } = throughProxy();
  expect(await pullFrom(registry, { environment: { ...environment, SSL_CERT_FILE: join(authority.directory, "ca.crt") } })).toBe(true);
  expect(await pullFrom(registry, { environment: { ...environment, SSL_CERT_FILE: "/dev/null", SSL_CERT_DIR: authority.directory } })).toBe(true);
});

test("a certificate for another name, for no name, for another address, from another day", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  const refused = "tls: failed to verify certificate: x509: ";
  await expect(pullTrusted(authority.server, "other.berth.test")).rejects.toThrow(`${refused}certificate is valid for registry.berth.test, not other.berth.test`);
  await expect(pullTrusted(authority.server, "192.0.2.1")).rejects.toThrow(`${refused}cannot validate certificate for 192.0.2.1 because it doesn't contain any IP SANs`);
  await expect(pullTrusted(authority.sign(HOST, "basicConstraints=CA:FALSE"), HOST)).rejects.toThrow(`${refused}certificate relies on legacy Common Name field, use SANs instead`);
  const address = authority.sign("address", "subjectAltName=IP:192.0.2.1");
  await expect(pullTrusted(address, "192.0.2.2")).rejects.toThrow(`${refused}certificate is valid for 192.0.2.1, not 192.0.2.2`);
  expect(await pullTrusted(address, "192.0.2.1")).toBe(true);
  await expect(pullTrusted(authority.sign("old", `subjectAltName=DNS:${HOST}`, -1), HOST)).rejects.toThrow(/x509: certificate has expired or is not yet valid: current time 2\S+Z is after 2\S+Z$/);
});

test("a registry that asks for our certificate", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  const tls = { ...authority.server, ca: authority.ca, requestCert: true, rejectUnauthorized: true };
  const { cert, key } = authority.client;
  expect(await pullTrusted(tls, HOST, { "client.cert": cert, "client.key": key })).toBe(true);
  await expect(pullTrusted(tls, HOST)).rejects.toThrow(/\/v2\/": remote error: tls: certificate required$/);
  await expect(pullTrusted(tls, HOST, { "client.cert": cert })).rejects.toThrow("missing key client.key for client certificate client.cert");
  await expect(pullTrusted(tls, HOST, { "client.key": key })).rejects.toThrow("missing client certificate client.cert for key client.key");
  await expect(pullTrusted(tls, HOST, { "client.cert": "junk", "client.key": key })).rejects.toThrow("tls: failed to find any PEM data in certificate input");
  await expect(pullTrusted(tls, HOST, { "client.cert": cert, "client.key": authority.server.key })).rejects.toThrow("tls: private key does not match public key");
});

test("an insecure registry: any certificate, or none at all", async () => {
  await using plain = await startFakeRegistry();
  expect(await pullFrom(plain, { ...throughProxy(), insecureRegistries: [`${HOST}:${plain.port}`] })).toBe(true);
  expect(proxy.seen).toContain(`GET ${HOST}:${plain.port}`);
  await expect(pullFrom(plain, throughProxy())).rejects.toThrow("http: server gave HTTP response to HTTPS client");
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: authority.server });
  expect(await pullFrom(registry, { ...throughProxy(), insecureRegistries: [`${HOST}:${registry.port}`] })).toBe(true);
});

test("NO_PROXY, and the machine itself, go past the proxy", async () => {
  await using registry = await startFakeRegistry();
  const before = proxy.seen.length;
  expect(await pullFrom(registry, throughProxy(), registry.address)).toBe(true);
  await expect(pullFrom(registry, { environment: { ...throughProxy().environment, NO_PROXY: ".berth.test" } })).rejects.toThrow(/lookup registry\.berth\.test/);
  expect(proxy.seen.length).toBe(before);
});

test("a proxy that is not there, that refuses, that makes no sense", async () => {
  await using registry = await startFakeRegistry();
  await expect(pullFrom(registry, { environment: { HTTPS_PROXY: `http://bob:${SECRET}@127.0.0.1:1` } })).rejects.toThrow(/proxyconnect tcp: dial tcp 127\.0\.0\.1:1: connect: connection refused$/);
  for (const [refusal, text] of [
    ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "Proxy Authentication Required"],
    ["junk\r\n\r\n", 'malformed HTTP response "junk"'],
    ["", "unexpected EOF"],
  ] as const) {
    await using refusing = await startFakeProxy({ refusal });
    await expect(pullFrom(registry, { environment: { HTTPS_PROXY: `http://bob:${SECRET}@${refusing.url}` } })).rejects.toThrow(`Get "https://${HOST}:${registry.port}/v2/": ${text}`);
  }
});

test("mirrors serve Docker Hub, one after the other, without our credentials", async () => {
  await using empty = await startFakeRegistry();
  await using mirror = await startFakeRegistry();
  const image = addImage(mirror, "library/app");
  await using lab = await startPullLab({ mirrors: ["http://127.0.0.1:1", `http://${empty.address}`, `http://${mirror.address}`], environment: { HTTPS_PROXY: "http://127.0.0.1:1" } });
  const told = await lab.pull("app", { tag: "v1", auth: { username: "bob", password: "pw" } });
  expect([has(lab, image), told.at(-1)]).toEqual([true, "Status: Downloaded newer image for app:v1"]);
  expect(mirror.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test("a mirror that refuses, breaks, or has not all of it is left for the next one", async () => {
  await using refusing = await startFakeRegistry();
  await using broken = await startFakeRegistry();
  await using partial = await startFakeRegistry();
  await using whole = await startFakeRegistry();
  const [image] = [broken, partial, whole].map((registry) => addImage(registry, "library/app"));
  refusing.fault = (_, response) => {
    refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="mirror"' });
    return true;
  };
  broken.fault = (request, response) => {
    if (request.url === "/v2/") return false;
    response.writeHead(500).end("broken");
    return true;
  };
  partial.fault = (request, response) => {
    if (request.url?.includes("/blobs/") !== true) return false;
    refuse(response, 404, "BLOB_UNKNOWN", "blob unknown to registry");
    return true;
  };
  const mirrors = [refusing, broken, partial].map(({ address }) => `http://${address}`);
  // below a path, as some have them
  whole.fault = (request) => {
    request.url = request.url?.replace("/mirror/of/hub", "");
    return false;
  };
  await using lab = await startPullLab({ mirrors: [...mirrors, `http://${whole.address}/mirror/of/hub/`] });
  await lab.pull("app", { tag: "v1" });
  expect(lab.engine.store.view((tx) => [...tx.images.list()].map(({ id }) => id))).toEqual([image?.id as FakeImage["id"]]);
  expect(whole.seen.every(({ url }) => url.startsWith("/mirror/of/hub/v2/"))).toBe(true);
});

test("repositories of several parts, with a port", async () => {
  await using registry = await startFakeRegistry();
  await using lab = await startPullLab();
  const image = addImage(registry, "a/b-c/d.e/f__g");
  const told = await lab.pull(`${registry.address}/a/b-c/d.e/f__g:v1`);
  expect([has(lab, image), told.at(-1)]).toEqual([true, `Status: Downloaded newer image for ${registry.address}/a/b-c/d.e/f__g:v1`]);
});

test("TLS is not left for plain http on a redirect, but for blobs, whose bytes are known", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: authority.server });
  await using plain = await startFakeRegistry();
  const host = `${HOST}:${registry.port}`;
  const options = { ...throughProxy(), certDirectories: [authority.certsD(host, { "ca.crt": authority.ca })] };
  addImage(plain);
  const redirect = (part: string) => {
    registry.fault = (request, response) => {
      if (request.url?.includes(part) !== true) return false;
      response.writeHead(307, { location: `http://${plain.address}${request.url}` }).end();
      return true;
    };
  };
  redirect("/blobs/");
  expect(await pullFrom(registry, options)).toBe(true);
  redirect("/manifests/");
  await expect(pullFrom(registry, options)).rejects.toThrow(`redirected to ${plain.address} without TLS`);
  expect(plain.gets("/manifests/")).toBe(0);
});
