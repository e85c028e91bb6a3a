// Where a registry is: the machine itself, IPv6, behind TLS with certificates of one's own, proxies, mirrors.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeAuthority, type TestAuthority } from "../../../test/support/certificates.ts";
import { type FakeProxy, startFakeProxy } from "../../../test/support/fake-proxy.ts";
import { type FakeImage, type FakeRegistry, startFakeRegistry } from "../../../test/support/fake-registry.ts";
import { type PullLab, startPullLab } from "../../../test/support/pull-lab.ts";
import type { RegistryOptions } from "../../registry/registry.ts";

const HOST = "registry.berth.test";
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
const throughProxy = () => ({ environment: { HTTPS_PROXY: `http://bob:pw@${proxy.url}`, HTTP_PROXY: proxy.url } });

async function pullFrom(registry: FakeRegistry, options: Partial<RegistryOptions>, host = `${HOST}:${registry.port}`): Promise<boolean> {
  await using lab = await startPullLab(options);
  const image = addImage(registry);
  await lab.pull(`${host}/team/app`, { tag: "v1" });
  return has(lab, image);
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
  expect(proxy.seen).toContain(`CONNECT ${host} Basic ${Buffer.from("bob:pw").toString("base64")}`);
});

test("a certificate for another name", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: authority.server });
  const host = `other.berth.test:${registry.port}`;
  await expect(pullFrom(registry, { ...throughProxy(), certDirectories: [authority.certsD(host, { "ca.crt": authority.ca })] }, host)).rejects.toThrow(/x509: certificate is valid for registry\.berth\.test, not other\.berth\.test/);
});

test("a registry that asks for our certificate", async () => {
  if (authority === undefined) return console.log("skipped: no openssl");
  await using registry = await startFakeRegistry({ tls: { ...authority.server, ca: authority.ca, requestCert: true, rejectUnauthorized: true } });
  const host = `${HOST}:${registry.port}`;
  const files = { "ca.crt": authority.ca, "client.cert": authority.client.cert, "client.key": authority.client.key };
  expect(await pullFrom(registry, { ...throughProxy(), certDirectories: [authority.certsD(host, files)] })).toBe(true);
  await expect(pullFrom(registry, { ...throughProxy(), certDirectories: [authority.certsD(host, { "ca.crt": authority.ca })] })).rejects.toThrow();
  await expect(pullFrom(registry, { ...throughProxy(), certDirectories: [authority.certsD(host, { "client.cert": authority.client.cert })] })).rejects.toThrow("missing key client.key for client certificate client.cert");
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

test("a proxy that is not there", async () => {
  await using registry = await startFakeRegistry();
  await expect(pullFrom(registry, { environment: { HTTPS_PROXY: "http://bob:pw@127.0.0.1:1" } })).rejects.toThrow(/proxyconnect tcp: dial tcp 127\.0\.0\.1:1: connect: connection refused/);
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
