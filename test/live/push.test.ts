// Pushes to Debian's docker-registry, with the command line; skopeo is the other side that looks at what came.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { writeBaseImage } from "../support/base-image.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type ClientResult, runClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { hasRegistry, startRegistry, type TestRegistry } from "../support/registry.ts";

const DEADLINE_MS = 120_000;
const hasSkopeo = spawnSync("skopeo", ["--version"]).error === undefined;

describe.skipIf(!isRoot || !hasRegistry())("push", () => {
  let daemon: TestDaemon;
  let here: TestRegistry;
  let there: TestRegistry;
  beforeAll(async () => {
    [daemon, here, there] = await Promise.all([startDaemon(), startRegistry(), startRegistry()]);
    writeBaseImage(daemon.directory, join(daemon.directory, "base.tar"));
    await berth("import", join(daemon.directory, "base.tar"), "base:1");
  }, DEADLINE_MS);
  afterAll(async () => {
    await Promise.all([daemon, here, there].map((each) => each?.[Symbol.asyncDispose]()));
  }, DEADLINE_MS);

  const berth = (...args: string[]): Promise<ClientResult> => runClient(berthCommand(), ["-H", daemon.host, ...args], { env: { DOCKER_CONFIG: join(daemon.directory, "config") } });
  const lines = async (...args: string[]): Promise<string[]> => (await berth(...args)).stdout.trim().split("\n");
  const manifest = async (address: string, name: string, reference: string): Promise<{ digest: string; config: string; layers: string[] }> => {
    const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
    const answer = await fetch(`http://${address}/v2/${name}/manifests/${reference}`, { headers: { accept } });
    const { config, layers } = (await answer.json()) as { config: { digest: string }; layers: { digest: string }[] };
    return { digest: answer.headers.get("docker-content-digest") ?? "", config: config.digest, layers: layers.map(({ digest }) => digest) };
  };

  test("uploads once, finds what is there, mounts from a neighbour, and always ends with the same digest", async () => {
    const [name, other] = [`${here.address}/first/base`, `${here.address}/second/base`];
    await berth("tag", "base:1", `${name}:1`);
    await berth("tag", "base:1", `${other}:1`);
    const first = await lines("push", `${name}:1`);
    expect(first[0]).toBe(`The push refers to repository [${name}]`);
    expect(first[1]).toMatch(/^[0-9a-f]{12}: Preparing$/);
    expect(first.at(-2)).toMatch(/^[0-9a-f]{12}: Pushed$/);
    const { digest, config } = await manifest(here.address, "first/base", "1");
    expect(first.at(-1)).toMatch(new RegExp(`^1: digest: ${digest} size: \\d+$`));
    expect(config).toBe((await berth("image", "inspect", "-f", "{{.Id}}", "base:1")).stdout.trim());

    const again = await lines("push", `${name}:1`);
    expect(again.at(-2)).toMatch(/: Layer already exists$/);
    expect(again.at(-1)).toBe(first.at(-1) ?? "");
    const mounted = await lines("push", `${other}:1`);
    expect(mounted.at(-2)).toMatch(/: Mounted from first\/base$/);
    expect(mounted.at(-1)).toBe(first.at(-1) ?? "");
    expect((await berth("images", "--digests", "--format", "{{.Digest}}", name)).stdout.trim()).toBe(digest);
  }, DEADLINE_MS);

  test("-a pushes every tag of the repository; -q says the name only", async () => {
    const name = `${here.address}/all/base`;
    await berth("tag", "base:1", `${name}:one`);
    await berth("tag", "base:1", `${name}:two`);
    const said = (await lines("push", "-a", name)).filter((line) => line.includes(": digest: "));
    expect(said.map((line) => line.split(":")[0])).toEqual(["one", "two"]);
    const tags = (await (await fetch(`http://${here.address}/v2/all/base/tags/list`)).json()) as { tags: string[] };
    expect(tags.tags.toSorted()).toEqual(["one", "two"]);
    expect((await berth("push", "-q", `${name}:one`)).stdout).toBe(`${name}:one\n`);
  }, DEADLINE_MS);

  test("what is not here is told in Docker's words", async () => {
    const name = `${here.address}/known/base`;
    await berth("tag", "base:1", `${name}:1`);
    const errors = [];
    for (const args of [[`${here.address}/nothing/here:1`], [`${name}:nope`], [`${name}@sha256:${"0".repeat(64)}`], ["--platform", "linux/s390x", `${name}:1`]]) {
      const { stderr, exitCode } = await berth("push", ...args);
      errors.push(`${exitCode} ${stderr.trim().split("\n").at(-1)}`);
    }
    expect(errors).toEqual([
      `1 An image does not exist locally with the tag: ${here.address}/nothing/here`,
      `1 tag does not exist: ${name}:nope`,
      "1 cannot push a digest reference",
      `1 Error response from daemon: image with reference ${name}:1 was found but its platform (linux/amd64) does not match the specified platform (linux/s390x)`,
    ]);
  }, DEADLINE_MS);

  test("a push is an event", async () => {
    const name = `${here.address}/event/base`;
    await berth("tag", "base:1", `${name}:1`);
    await berth("push", `${name}:1`);
    const events = await berth("events", "--since", "1h", "--until", "0s", "--filter", "event=push", "--format", "{{.Type}} {{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}}");
    expect(events.stdout).toContain(`image push ${name}:1 ${name}\n`);
  }, DEADLINE_MS);

  for (const format of ["oci", "v2s2", "zstd"]) {
    test.skipIf(!hasSkopeo)(`an image of skopeo's (${format}) keeps its manifest's digest from registry to registry`, async () => {
      const name = `moved/${format}`;
      await berth("tag", "base:1", `${here.address}/source/${format}:1`);
      await berth("push", `${here.address}/source/${format}:1`);
      const shape = format === "zstd" ? ["--format", "oci", "--dest-compress", "--dest-compress-format", "zstd"] : ["--format", format, "--dest-compress", "--dest-compress-level", "9"];
      const from = format === "v2s2" ? "source/v2s2" : `source/${format}`;
      // by way of a directory: from registry to registry skopeo would leave the compressed blobs as they are
      const directory = join(daemon.directory, `skopeo-${format}`);
      skopeo("copy", "--src-tls-verify=false", "--dest-decompress", `docker://${here.address}/${from}:1`, `dir:${directory}`);
      skopeo("copy", "--dest-tls-verify=false", ...shape, `dir:${directory}`, `docker://${here.address}/${name}:1`);
      const before = await manifest(here.address, name, "1");
      expect((await berth("pull", `${here.address}/${name}:1`)).exitCode).toBe(0);
      await berth("tag", `${here.address}/${name}:1`, `${there.address}/${name}:1`);
      const pushed = await lines("push", `${there.address}/${name}:1`);
      expect(pushed.at(-1)).toContain(before.digest);
      expect(await manifest(there.address, name, "1")).toEqual(before);
    }, DEADLINE_MS);
  }

  test("when the layer's first home is gone it is compressed anew, and can be pulled", async () => {
    const gone = await startRegistry();
    const name = `${there.address}/survivor/base:1`;
    await berth("tag", "base:1", `${gone.address}/survivor/base:1`);
    await berth("push", `${gone.address}/survivor/base:1`);
    await berth("rmi", `${gone.address}/survivor/base:1`);
    await gone[Symbol.asyncDispose]();
    await berth("tag", "base:1", name);
    expect((await berth("push", name)).exitCode).toBe(0);
    const id = (await berth("image", "inspect", "-f", "{{.Id}}", name)).stdout;
    await using second = await startDaemon();
    await runClient(berthCommand(), ["-H", second.host, "pull", name]);
    expect((await runClient(berthCommand(), ["-H", second.host, "image", "inspect", "-f", "{{.Id}}", name])).stdout).toBe(id);
  }, DEADLINE_MS);
});

function skopeo(...args: string[]): void {
  const { status, stderr } = spawnSync("skopeo", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`skopeo ${args.join(" ")}: ${stderr}`);
}
