// Pulls through the socket of a real daemon: clients that hang up, a daemon that is killed in the middle, and who may read a password.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { request, type ClientRequest, type ServerResponse } from "node:http";
import { join } from "node:path";
import { MEDIA } from "../../src/wire/oci.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type FakeImage, type FakeRegistry, refuse, send, startFakeRegistry } from "../support/fake-registry.ts";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";

const DEADLINE_MS = 60_000;
const PASSWORD = "sEcReT-5b1d07";

describe.skipIf(!isRoot)("pull through the socket", () => {
  let daemon: TestDaemon;
  let registry: FakeRegistry;
  let image: FakeImage;
  let held: { response: ServerResponse; cut: boolean }[];
  let serial = 0;
  beforeAll(async () => {
    daemon = await startDaemon();
  }, DEADLINE_MS);
  afterAll(async () => {
    await daemon?.[Symbol.asyncDispose]();
  }, DEADLINE_MS);
  beforeEach(async () => {
    registry = await startFakeRegistry();
    held = [];
    // other bytes for every test, and more than one piece
    const noise = Uint8Array.from({ length: 300_000 }, (_, index) => ((index + serial) * 2654435761) >>> 13);
    serial++;
    image = registry.image("app", "v1", [{ files: [{ name: "noise", content: noise }], compression: "none" }]);
  });
  afterEach(async () => {
    await registry[Symbol.asyncDispose]();
  });

  const layer = () => image.manifest.layers[0] as FakeImage["manifest"]["layers"][0];
  /** The layer stops in its middle. */
  const holdLayer = (): void => {
    registry.fault = (asked, response) => {
      if (asked.url !== `/v2/app/blobs/${layer().digest}`) return false;
      response.writeHead(200, { "content-length": String(layer().size) });
      response.write(registry.bytes(layer().digest).subarray(0, 100_000));
      const one = { response, cut: false };
      response.on("close", () => (one.cut = true));
      held.push(one);
      return true;
    };
  };
  const go = (): void => held.forEach(({ response }) => response.end(registry.bytes(layer().digest).subarray(100_000)));

  interface Pull {
    outgoing: ClientRequest;
    text: string;
    ended: boolean;
  }
  const pull = (auth?: object): Pull => {
    const headers = auth === undefined ? {} : { "x-registry-auth": Buffer.from(JSON.stringify(auth)).toString("base64url") };
    const outgoing = request({ socketPath: daemon.socket, method: "POST", path: `/images/create?fromImage=${registry.address}/app&tag=v1`, headers });
    const one: Pull = { outgoing, text: "", ended: false };
    outgoing.on("response", (answer) => {
      answer.on("data", (bytes: Buffer) => (one.text += bytes.toString()));
      answer.on("error", () => undefined);
      answer.on("close", () => (one.ended = true));
    });
    outgoing.on("error", () => undefined);
    outgoing.end();
    return one;
  };
  const images = async (): Promise<unknown[]> => (await daemon.call("GET", "/images/json?all=1")).json() as unknown[];
  const files = (name: string): string[] => readdirSync(join(daemon.dataRoot, name), { recursive: true }) as string[];
  const noLayers = (): Promise<void> => poll("no layer and nothing half is left", () => files("layers").length === 0 && files("trash").length === 0);
  const remove = (): Promise<unknown> => daemon.call("DELETE", `/images/${image.id}?force=1`);

  test("a client that hangs up ends its pull, and nothing stays", async () => {
    holdLayer();
    const one = pull();
    await poll("the layer comes", () => held.length === 1 && one.text.includes("Pulling fs layer"));
    one.outgoing.destroy();
    await poll("the download has ended", () => held[0]?.cut === true);
    await noLayers();
    expect(await images()).toEqual([]);
  }, DEADLINE_MS);

  test("unless another waits for the same", async () => {
    holdLayer();
    const [one, other] = [pull(), pull()];
    await poll("both wait for the layer", () => held.length === 1 && [one, other].every(({ text }) => text.includes("Pulling fs layer")));
    one.outgoing.destroy();
    await poll("it is gone", () => one.ended);
    go();
    await poll("the other has it", () => other.ended);
    expect([other.text.includes("Downloaded newer image"), held.length]).toEqual([true, 1]);
    await remove();
    await noLayers();
  }, DEADLINE_MS);

  test("a daemon that is killed in the middle leaves nothing, and pulls it the next time", async () => {
    holdLayer();
    const one = pull();
    await poll("the layer comes", () => held.length === 1 && one.text.includes("Pulling fs layer"));
    await daemon.kill9();
    registry.fault = undefined;
    await daemon.start();
    await noLayers();
    expect(await images()).toEqual([]);
    const again = pull();
    await poll("it is pulled", () => again.ended);
    expect(again.text).toContain("Downloaded newer image");
    await remove();
    await noLayers();
  }, DEADLINE_MS);

  test("manifest inspect shows what the registry has, laid out as Docker does", async () => {
    const arm = registry.image("app", "arm", [{ files: [{ name: "b" }] }], { docker: true, platform: { os: "linux", architecture: "arm", variant: "v7" } });
    const platforms = [{ architecture: "amd64", os: "linux" }, { architecture: "arm", os: "linux", variant: "v7" }];
    const entries = [image, arm].map(({ digest, bytes, manifest: { mediaType } }, index) => ({ mediaType, size: bytes.length, digest, platform: platforms[index] }));
    registry.manifest("app", "both", { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: entries, annotations: { is: "dropped" } }, MEDIA.ociIndex);
    const [program = "", ...args] = berthCommand();
    const inspect = async (...words: string[]) => {
      const child = Bun.spawn([program, ...args, "-H", daemon.host, "manifest", "inspect", ...words], { stdout: "pipe", stderr: "pipe" });
      return [await new Response(child.stdout).text(), await new Response(child.stderr).text(), await child.exited];
    };
    const name = `${registry.address}/app`;
    expect(await inspect(`${name}:v1`)).toEqual([`${JSON.stringify(image.manifest, undefined, "\t")}\n`, "", 0]);
    expect(await inspect(`${name}:both`)).toEqual([`${JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: entries }, undefined, "   ")}\n`, "", 0]);
    const full = { Ref: `${name}:arm`, Descriptor: { mediaType: MEDIA.dockerManifest, digest: arm.digest, size: arm.bytes.length, platform: platforms[1] }, Raw: arm.bytes.toString("base64"), SchemaV2Manifest: arm.manifest };
    expect(await inspect("-v", `${name}:arm`)).toEqual([`${JSON.stringify(full, undefined, "\t")}\n`, "", 0]);
    expect(JSON.parse(String((await inspect("-v", `${name}:both`))[0]))[1]).toEqual({ ...full, Ref: `${name}:both@${arm.digest}` });
    expect(await inspect(`${name}:none`)).toEqual(["", `no such manifest: ${name}:none\n`, 1]);
  }, DEADLINE_MS);

  test("a search shows its own registry's password to it, and no other's", async () => {
    const config = join(daemon.directory, "search-config");
    mkdirSync(config, { recursive: true });
    const auth = (password: string) => ({ auth: Buffer.from(`joe:${password}`).toString("base64") });
    const search = async (auths: object): Promise<string[]> => {
      writeFileSync(join(config, "config.json"), JSON.stringify({ auths }));
      registry.fault = (asked, response) => {
        if (asked.headers.authorization === undefined) refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="here"' });
        else send(response, 200, '{"results":[]}');
        return true;
      };
      const [program = "", ...args] = berthCommand();
      await Bun.spawn([program, ...args, "-H", daemon.host, "search", `${registry.address}/app`], { env: { ...process.env, DOCKER_CONFIG: config }, stdout: "ignore", stderr: "ignore" }).exited;
      return registry.seen.splice(0).flatMap(({ headers }) => headers.authorization ?? []);
    };
    const hub = { "https://index.docker.io/v1/": auth("for-the-hub") };
    expect(await search(hub)).toEqual([]);
    expect(new Set(await search({ ...hub, [registry.address]: auth("for-this") }))).toEqual(new Set([`Basic ${auth("for-this").auth}`]));
  }, DEADLINE_MS);

  test("the password of a pull stands in no process's arguments or environment, no event, no file", async () => {
    holdLayer();
    const layerFault = registry.fault;
    const basic = `Basic ${Buffer.from(`joe:${PASSWORD}`).toString("base64")}`;
    registry.fault = (asked, response, count) => {
      if (asked.headers.authorization === basic) return layerFault?.(asked, response, count);
      refuse(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="here"' });
      return true;
    };
    const one = pull({ username: "joe", password: PASSWORD });
    await poll("the layer comes", () => held.length === 1 && one.text.includes("Pulling fs layer"));
    // while the worker unpacks
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const told = processes.flatMap((pid) => ["cmdline", "environ"].map((name) => `/proc/${pid}/${name}`));
    expect(told).toContain(`/proc/${daemon.pid}/environ`);
    expect(spawnSync("grep", ["-lsa", "-e", PASSWORD, "-e", basic, ...told]).stdout.toString()).toBe("");
    go();
    await poll("it is pulled", () => one.ended);
    expect(one.text).toContain("Downloaded newer image");
    const events = await daemon.call("GET", `/events?since=0&until=${Math.ceil(Date.now() / 1000)}`);
    expect(events.text).toContain('"Action":"pull"');
    for (const secret of [PASSWORD, basic, basic.slice("Basic ".length)]) {
      expect([one.text, events.text, daemon.log()].some((text) => text.includes(secret))).toBe(false);
      expect(spawnSync("grep", ["-rlsa", "-e", secret, daemon.dataRoot, daemon.execRoot]).stdout.toString()).toBe("");
    }
    await remove();
  }, DEADLINE_MS);
});
