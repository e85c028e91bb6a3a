// Archives of images in and out, with the command line: of every tool's layout, through pipes, and broken ones.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type ArchiveImage, archiveImage, craneArchive, docker24, docker25, docker29, hexOf, multiPlatformArchive, ociArchive, podmanArchive } from "../support/archives.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type ClientResult, runClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { type Piece, tarOf } from "../support/tar-text.ts";

const DEADLINE_MS = 120_000;

const layer = (name: string, size = 10): Buffer => tarOf([{ name, content: name.repeat(size) }]);
const [A, B, C] = [layer("a"), layer("b", 9000), layer("c")] as const;
const ONE = archiveImage([A, B], ["one:1", "one:2"]);
const TWO = archiveImage([A, C], ["two:1"]);
const NAMELESS = archiveImage([B], []);
const idOf = ({ config }: ArchiveImage): string => `sha256:${hexOf(config)}`;
const LOADED = "Loaded image: one:1\nLoaded image: one:2\nLoaded image: two:1\n";
const IDS = [ONE, TWO, NAMELESS].map((image) => `Loaded image ID: ${idOf(image)}\n`).join("");

describe.skipIf(!isRoot)("save and load", () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon();
  }, DEADLINE_MS);
  afterAll(async () => {
    await daemon?.remove();
  }, DEADLINE_MS);

  const berth = (args: readonly string[], stdin?: Uint8Array): Promise<ClientResult> => runClient(berthCommand(), ["-H", daemon.host, ...args], stdin === undefined ? {} : { stdin });
  const load = (archive: Uint8Array, ...flags: string[]): Promise<ClientResult> => berth(["load", "-q", ...flags], archive);
  const images = async (): Promise<string[]> => ((await daemon.call("GET", "/images/json?all=1")).json() as { Id: string; RepoTags: string[] }[]).map(({ Id, RepoTags }) => `${Id} ${RepoTags.toSorted().join(" ")}`.trim()).toSorted();
  const clear = async (): Promise<void> => {
    const list = (await daemon.call("GET", "/images/json?all=1")).json() as { Id: string }[];
    for (const { Id } of list) await daemon.call("DELETE", `/images/${Id}?force=1`);
  };
  const layersLeft = (): string[] => readdirSync(join(daemon.dataRoot, "layers"));

  const layouts: Readonly<Record<string, (images: readonly ArchiveImage[]) => Buffer>> = {
    "Docker 24": docker24,
    "Docker 25": docker25,
    "Docker 29": docker29,
    "Podman, skopeo and buildah": podmanArchive,
    crane: craneArchive,
    "an OCI layout with names": (all) => ociArchive(all, "name"),
    "an OCI layout of buildx": (all) => ociArchive(all, "tag"),
  };
  for (const [tool, write] of Object.entries(layouts)) {
    test(`an archive as of ${tool}`, async () => {
      await clear();
      expect(await load(write([ONE, TWO, NAMELESS]))).toEqual({ exitCode: 0, stdout: LOADED + IDS, stderr: "" });
      expect(await images()).toEqual([`${idOf(ONE)} one:1 one:2`, `${idOf(TWO)} two:1`, idOf(NAMELESS)].toSorted());
      // once more, and it is the same
      expect((await load(write([TWO]))).stdout).toBe("Loaded image: two:1\n");
      expect((await images()).length).toBe(3);
    }, DEADLINE_MS);
  }

  test("archives may be compressed", async () => {
    await clear();
    const plain = docker25([TWO]);
    const filter = (program: string): Buffer => spawnSync(program, ["-c"], { input: plain }).stdout;
    for (const archive of [gzipSync(plain), Buffer.from(zstdCompressSync(plain)), filter("xz"), filter("bzip2")]) {
      expect((await load(archive)).stdout).toBe("Loaded image: two:1\n");
      await clear();
    }
  }, DEADLINE_MS);

  test("a layer is one although its first file is named like the beginning of JSON", async () => {
    await clear();
    for (const name of ["[", '{"a":1}']) {
      const odd = archiveImage([tarOf([{ name, content: "x" }])], ["odd:1"]);
      expect((await load(docker25([odd]))).stdout.endsWith("Loaded image: odd:1\n")).toBe(true);
      expect(await images()).toContain(`${idOf(odd)} odd:1`);
    }
  }, DEADLINE_MS);

  test("a name that another image had is taken from it, and told", async () => {
    await clear();
    await load(docker25([ONE]));
    const other = archiveImage([C], ["one:1"]);
    expect((await load(docker25([other]))).stdout).toBe(`The image one:1 already exists, renaming the old one with ID ${idOf(ONE)} to empty string\nLoaded image: one:1\n`);
    expect(await images()).toEqual([`${idOf(ONE)} one:2`, `${idOf(other)} one:1`].toSorted());
  }, DEADLINE_MS);

  test("several images are one archive, each layer in it once; what is loaded from it is saved as the same bytes", async () => {
    await clear();
    await load(docker24([ONE, TWO, NAMELESS]));
    const file = join(daemon.directory, "saved.tar");
    expect((await berth(["save", "-o", file, "one", "two:1", idOf(NAMELESS)])).exitCode).toBe(0);
    const listed = spawnSync("tar", ["tf", file], { encoding: "utf8" }).stdout.split("\n");
    for (const diff of [A, B, C]) expect(listed.filter((name) => name === `blobs/sha256/${hexOf(diff)}`)).toHaveLength(1);
    const entries = JSON.parse(spawnSync("tar", ["xOf", file, "manifest.json"], { encoding: "utf8" }).stdout) as { RepoTags: string[] | null }[];
    expect(entries.map(({ RepoTags }) => RepoTags)).toEqual([["one:1", "one:2"], ["two:1"], null]);
    const saved = readFileSync(file);
    const before = await images();
    await clear();
    expect((await load(saved)).stdout).toBe(LOADED + IDS);
    expect(await images()).toEqual(before);
    await berth(["save", "-o", file, "one", "two:1", idOf(NAMELESS)]);
    expect(hexOf(readFileSync(file))).toBe(hexOf(saved));
  }, DEADLINE_MS);

  test("parents that are saved along are parents again", async () => {
    await clear();
    const history = [{ created_by: "one" }, { created_by: "two" }];
    const [parent, child] = [archiveImage([A], ["parent:1"], { history: history.slice(0, 1) }), archiveImage([A, B], ["child:1"], { history })];
    const linked = (of: ArchiveImage, to: string): Buffer =>
      tarOf([
        ...[parent, of].flatMap(({ config }, index): Piece[] => [{ name: `${index}.json`, content: config }]),
        { name: "a.tar", content: A },
        { name: "b.tar", content: B },
        { name: "manifest.json", content: JSON.stringify([{ Config: "1.json", RepoTags: of.names, Layers: ["a.tar", "b.tar"], Parent: to }, { Config: "0.json", RepoTags: parent.names, Layers: ["a.tar"] }]) },
      ]);
    const parentOf = async (): Promise<string> => (await berth(["image", "inspect", "-f", "{{.Parent}}", "child:1"])).stdout.trim();
    expect((await load(linked(child, idOf(parent)))).exitCode).toBe(0);
    expect(await parentOf()).toBe(idOf(parent));
    const file = join(daemon.directory, "parents.tar");
    await berth(["save", "-o", file, "child:1", "parent:1"]);
    await clear();
    await load(readFileSync(file));
    expect(await parentOf()).toBe(idOf(parent));
    // one without its parent has none
    await berth(["save", "-o", file, "child:1"]);
    await clear();
    await load(readFileSync(file));
    expect(await parentOf()).toBe("");
    await clear();
    const stranger = archiveImage([A, B], ["child:1"], { history: [{ created_by: "other" }, { created_by: "two" }] });
    expect((await load(linked(stranger, idOf(parent)))).stderr).toBe(`image ${idOf(parent)} is not a valid parent for ${idOf(stranger)}\n`);
    expect(await images()).toEqual([]);
  }, DEADLINE_MS);

  test("what is saved stays until it is written, whatever is removed meanwhile", async () => {
    await clear();
    const large = archiveImage([A, tarOf([{ name: "random", content: randomBytes(30_000_000) }])], ["large:1"]);
    await load(docker25([large]));
    const saved = await new Promise<Buffer>((resolve, reject) => {
      const outgoing = request({ socketPath: daemon.socket, path: "/images/get?names=large:1" }, (incoming) => {
        incoming.once("readable", () => {
          // it has begun, and waits for us to take the rest
          void clear().then(async () => {
            const parts: Buffer[] = [];
            for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
            resolve(Buffer.concat(parts));
          }, reject);
        });
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
    expect(await images()).toEqual([]);
    await poll("its layers are gone", () => layersLeft().length === 0);
    expect((await load(saved)).stdout).toBe("Loaded image: large:1\n");
    expect(await images()).toEqual([`${idOf(large)} large:1`]);
  }, DEADLINE_MS);

  test("of several platforms the asked one, else this machine's", async () => {
    await clear();
    const [arm, amd] = [archiveImage([C], ["several:1"], { architecture: "arm64", variant: "v8" }), archiveImage([A], ["several:1"])];
    const archive = multiPlatformArchive("several:1", [[arm, "arm64"], [amd, "amd64"]]);
    await load(archive);
    expect(await images()).toEqual([`${idOf(amd)} several:1`]);
    await load(archive, "--platform", "linux/arm64");
    expect(await images()).toEqual([`${idOf(arm)} several:1`, idOf(amd)].toSorted());
    expect((await load(archive, "--platform", "linux/s390x")).stderr).toBe("requested platform (linux/s390x) not found: not found\n");
    expect((await berth(["save", "--platform", "linux/amd64", "-o", "/dev/null", "several:1"])).stderr).toBe("Error response from daemon: no suitable export target found for platform linux/amd64\n");
    expect((await berth(["save", "--platform", "linux/arm64", "-o", join(daemon.directory, "arm.tar"), "several:1"])).exitCode).toBe(0);
  }, DEADLINE_MS);

  test("what is missing is told before the first byte", async () => {
    await clear();
    await load(docker25([TWO]));
    for (const [name, words] of [["nope:1", "reference does not exist"], ["deadbeef", "No such image: deadbeef"], [`two@sha256:${"0".repeat(64)}`, "reference does not exist"]]) {
      const answer = await daemon.call("GET", `/images/get?names=two:1&names=${name}`);
      expect([answer.status, answer.json()]).toEqual([404, { message: words }]);
    }
  }, DEADLINE_MS);

  const config: Piece = { name: "c.json", content: ONE.config };
  const parts: Piece[] = [config, { name: "a/layer.tar", content: A }, { name: "b/layer.tar", content: B }];
  const manifest = (over: object = {}): Piece => ({ name: "manifest.json", content: JSON.stringify([{ Config: "c.json", RepoTags: ["bad:1"], Layers: ["a/layer.tar", "b/layer.tar"], ...over }]) });
  const without = (name: string): Buffer => tarOf([...parts, manifest()].filter((piece) => piece.name !== name));
  const instead = (piece: Piece): Buffer => tarOf([...parts, manifest()].map((each) => (each.name === piece.name ? piece : each)));
  const good = docker24([ONE, TWO]);
  const flipped = (archive: Buffer, at: number): Buffer => {
    const bytes = Buffer.from(archive);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
    return bytes;
  };
  const content = (archive: Buffer): number => archive.indexOf("b".repeat(100)) + 50;
  const packed = ociArchive([ONE], "name");
  // the words are those of Docker 28.5.2, its temporary directories left out
  const refusals: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    "an empty one": [Buffer.alloc(0), "invalid archive: does not contain a manifest.json"],
    "no archive": [Buffer.from("neither a tar nor anything else. ".repeat(50)), "archive/tar: invalid tar header"],
    "a few bytes": [Buffer.from("hello"), "unexpected EOF"],
    "cut in a header": [good.subarray(0, 700), "unexpected EOF"],
    "cut in a layer": [good.subarray(0, content(good)), "unexpected EOF"],
    "cut while compressed": [gzipSync(good).subarray(0, 600), "unexpected EOF"],
    "a broken header": [flipped(good, 3), "archive/tar: invalid tar header"],
    "a changed layer": [flipped(good, content(good)), `invalid diffID for layer 1: expected "sha256:${hexOf(B)}", got "sha256:`],
    "a changed layer of a layout": [flipped(docker25([ONE]), content(docker25([ONE]))), `invalid diffID for layer 1: expected "sha256:${hexOf(B)}", got "sha256:`],
    "a changed compressed layer": [flipped(packed, packed.indexOf(gzipSync(B)) + gzipSync(B).length - 6), "gzip: invalid checksum"],
    "a changed config of a layout": [flipped(docker25([ONE]), docker25([ONE]).indexOf("2024-01-02")), `invalid archive: blob ${idOf(ONE)} does not match its digest`],
    "no manifest": [without("manifest.json"), "invalid archive: does not contain a manifest.json"],
    "a manifest that is no JSON": [instead({ name: "manifest.json", content: "{nope" }), "invalid character 'n' looking for beginning of object key string"],
    "a manifest that is no list": [instead({ name: "manifest.json", content: "{}" }), "json: cannot unmarshal object into Go value of type []tarexport.manifestItem"],
    "a manifest of null": [instead({ name: "manifest.json", content: "null" }), "invalid manifest, manifest cannot be null (but can be [])"],
    "no config": [without("c.json"), "open c.json: no such file or directory"],
    "a config that is no JSON": [instead({ name: "c.json", content: "nope" }), "invalid character 'o' in literal null (expecting 'u')"],
    "a config without layers": [instead({ name: "c.json", content: "{}" }), "invalid image JSON, no RootFS key"],
    "a missing layer": [without("b/layer.tar"), "open b/layer.tar: no such file or directory"],
    "too few layers": [tarOf([...parts, manifest({ Layers: ["a/layer.tar"] })]), "invalid manifest, layers length mismatch: expected 1, got 2"],
    "swapped layers": [tarOf([...parts, manifest({ Layers: ["b/layer.tar", "a/layer.tar"] })]), `invalid diffID for layer 0: expected "sha256:${hexOf(A)}", got "sha256:${hexOf(B)}"`],
    "a layer that is no tar": [instead({ name: "b/layer.tar", content: "no tar here" }), "unexpected EOF"],
    "links in a circle": [instead({ name: "b/layer.tar", type: "2", linkName: "layer.tar" }), "open b/layer.tar: no such file or directory"],
    "a link out of the archive": [instead({ name: "c.json", type: "2", linkName: "/etc/hostname" }), "open c.json: no such file or directory"],
    "a config out of the archive": [tarOf([...parts, manifest({ Config: "../../etc/passwd" })]), "open ../../etc/passwd: no such file or directory"],
    "a name that is none": [tarOf([...parts, manifest({ RepoTags: ["UPPER:1"] })]), "invalid reference format: repository name (library/UPPER) must be lowercase"],
    "a name without a tag": [tarOf([...parts, manifest({ RepoTags: ["bad"] })]), 'invalid tag "bad"'],
    "Windows": [instead({ name: "c.json", content: ONE.config.toString().replace('"linux"', '"windows"') }), "cannot load windows image on linux"],
  };
  test.each(Object.keys(refusals))("refused, and nothing stays: %s", async (name) => {
    await clear();
    const [archive, words] = refusals[name]!;
    const { exitCode, stdout, stderr } = await load(archive);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr.startsWith(words)).toBe(true);
    expect(await images()).toEqual([]);
    await poll("its layers are gone", () => layersLeft().length === 0);
  }, DEADLINE_MS);

  test("a client that hangs up in the middle leaves nothing", async () => {
    await clear();
    await poll("earlier layers are gone", () => layersLeft().length === 0);
    const outgoing = request({ socketPath: daemon.socket, method: "POST", path: "/images/load?quiet=0" });
    outgoing.on("error", () => undefined);
    outgoing.write(good.subarray(0, content(good)));
    await poll("the layer is on its way", () => layersLeft().length > 0);
    outgoing.destroy();
    await poll("its layers are gone", () => layersLeft().length === 0);
    expect(await images()).toEqual([]);
  }, DEADLINE_MS);

  test("from a pipe into a pipe, of more bytes than the daemons may grow by", async () => {
    await clear();
    await using other = await startDaemon();
    const file = join(daemon.directory, "large.tar");
    // holes: no bytes on the disk until they are a layer
    spawnSync("truncate", ["-s", "200M", join(daemon.directory, "zeros")]);
    spawnSync("tar", ["-C", daemon.directory, "-cf", file, "zeros"]);
    expect((await berth(["import", file, "large:1"])).exitCode).toBe(0);
    const before = [daemon, other].map(({ pid }) => resetPeak(pid));
    const command = berthCommand().join(" ");
    const { stdout } = await runClient(["sh", "-c"], [`${command} -H ${daemon.host} save large:1 | ${command} -H ${other.host} load -q`]);
    expect(stdout).toBe("Loaded image: large:1\n");
    const grown = [daemon, other].map(({ pid }, index) => peakOf(pid) - (before[index] ?? 0));
    for (const kib of grown) expect(kib).toBeLessThan(120 << 10);
  }, DEADLINE_MS);
});

/** Its present size in KiB; the peak is counted from here. */
function resetPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return peakOf(pid);
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
