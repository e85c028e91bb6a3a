import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, truncateSync, writeFileSync, writeSync, openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { openFileCalls } from "../../linux/file-calls.ts";
import { type LayerStore, openLayerStore, pieces } from "../../../test/support/layer-store.ts";
import { tarOf } from "../../../test/support/tar-text.ts";

// device nodes, owners, chroot and mounts need root
const rootTest = process.getuid?.() === 0 ? test : test.skip;
const calls = openFileCalls();
let bed: LayerStore;
beforeAll(async () => {
  bed = await openLayerStore();
});
afterAll(async () => {
  await bed[Symbol.asyncDispose]();
});

const sha = (bytes: Uint8Array): `sha256:${string}` => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const at = (directory: string, path = "") => join(bed.layersDirectory, directory, "diff", path);
const path = (text: string) => Buffer.from(`${text}\0`);
const temporary = () => readdirSync(bed.layersDirectory).filter((name) => name.startsWith("tmp-"));

/** A tree with everything that real images contain, as GNU tar packs it. */
function strangeTree(): string {
  const tree = join(bed.directory, "strange");
  mkdirSync(join(tree, "a/b"), { recursive: true });
  writeFileSync(join(tree, "a/plain"), "plain\n");
  writeFileSync(join(tree, "a/setuid"), "x", { mode: 0o755 });
  execFileSync("chmod", ["4755", join(tree, "a/setuid")]);
  execFileSync("chmod", ["1777", join(tree, "a/b")]);
  execFileSync("ln", [join(tree, "a/plain"), join(tree, "a/hard")]);
  symlinkSync("../../etc/passwd", join(tree, "a/escape"));
  symlinkSync("plain", join(tree, "a/link"));
  calls.mknod(path(join(tree, "null")), 0o020666, 1, 3);
  calls.mknod(path(join(tree, "disk")), 0o060660, 259, 70_000);
  calls.mknod(path(join(tree, "fifo")), 0o010644, 0, 0);
  execFileSync("chown", ["12345:3000000", join(tree, "a/plain")]);
  writeFileSync(join(tree, `long-${"n".repeat(240)}`), "long name");
  mkdirSync(join(tree, "d".repeat(200), "e".repeat(200)), { recursive: true });
  writeFileSync(join(tree, "d".repeat(200), "e".repeat(200), "deep"), "deep");
  writeFileSync(Buffer.from(`${tree}/caf\xe9`, "latin1"), "name that is no UTF-8");
  const fd = openSync(join(tree, "sparse"), "w");
  writeSync(fd, "begin", 0);
  writeSync(fd, "middle", 5_000_000);
  closeSync(fd);
  truncateSync(join(tree, "sparse"), 20_000_000);
  calls.setXattr(path(join(tree, "a/plain")), "user.note", Buffer.from("kept"));
  calls.setXattr(path(join(tree, "a/setuid")), "security.capability", Buffer.from("0100000200040000000000000000000000000000", "hex"));
  calls.setTimes(path(join(tree, "a/plain")), 1_600_000_000n, 123_456_789);
  calls.setTimes(path(join(tree, "a/b")), 1_500_000_000n, 987_654_321);
  return tree;
}

rootTest.each([["gnu", ["--format=gnu"]], ["gnu sparse", ["--format=gnu", "--sparse"]], ["pax", ["--format=pax", "--xattrs", "--xattrs-include=*"]], ["pax sparse 0.0", ["--format=pax", "--sparse", "--sparse-version=0.0"]], ["pax sparse 0.1", ["--format=pax", "--sparse", "--sparse-version=0.1"]], ["pax sparse 1.0", ["--format=pax", "--sparse", "--sparse-version=1.0"]]] as const)(
  "%s: a strange tree is unpacked as it was and written back byte for byte",
  async (name, flags) => {
    const tree = existsSync(join(bed.directory, "strange")) ? join(bed.directory, "strange") : strangeTree();
    const tar = execFileSync("tar", ["-C", tree, "--numeric-owner", ...flags, "-cf", "-", "."], { maxBuffer: 1 << 28 });
    const { row } = await bed.ingest(tar);
    expect(row.diffId).toBe(sha(tar));
    expect(await bed.repacked(row.diffId)).toBe(row.diffId);
    // --numeric-ids is not needed: rsync-like comparison by tar itself tells every difference in type, mode, owner, time, size, link, contents
    const listing = (root: string) => execFileSync("sh", ["-c", `cd "$0" && find . -mindepth 1 -printf '%p|%y|%m|%U:%G|%n|%l|%s|%Ts\\n' | sort`, root], { encoding: "latin1" }).replace(/^(.*\|d\|[^|]*\|[^|]*\|)\d+(\|[^|]*\|)\d+/gm, "$1$2");
    expect(listing(at(row.directory))).toBe(listing(tree));
    expect(readFileSync(at(row.directory, "sparse")).equals(readFileSync(join(tree, "sparse")))).toBe(true);
    if (name.includes("sparse")) expect(lstatSync(at(row.directory, "sparse")).blocks * 512).toBeLessThan(1_000_000);
    if (name.startsWith("pax")) expect(lstatSync(at(row.directory, "a/plain"), { bigint: true }).mtimeNs).toBe(1_600_000_000_123_456_789n);
    if (name === "pax") {
      expect(Buffer.from(calls.getXattr(path(at(row.directory, "a/plain")), "user.note") ?? []).toString()).toBe("kept");
      expect(calls.getXattr(path(at(row.directory, "a/setuid")), "security.capability")?.length).toBe(20);
      expect(lstatSync(at(row.directory, "a/b"), { bigint: true }).mtimeNs).toBe(1_500_000_000_987_654_321n);
    }
  },
);

rootTest.each([["gzip", gzipSync], ["zstd", zstdCompressSync]] as const)("%s is found by its first bytes", async (name, compress) => {
  const tar = tarOf([{ name: `hello-${name}`, content: "hi" }]);
  const packed = compress(tar);
  const layer = await bed.ingest(packed, { blob: { digest: sha(packed), sizeBytes: packed.length }, diffId: sha(tar) });
  expect(layer.compression).toBe(name);
  expect(readFileSync(at(layer.row.directory, `hello-${name}`), "utf8")).toBe("hi");
});

rootTest("a gzip of several members is one archive", async () => {
  const tar = tarOf([{ name: "members", content: "x".repeat(5000) }]);
  const packed = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]);
  expect((await bed.ingest(packed)).row.diffId).toBe(sha(tar));
});

rootTest("whiteouts and opaque directories become overlay's", async () => {
  const tar = tarOf([{ name: "etc/" }, { name: "etc/.wh.passwd" }, { name: "var/.wh..wh..opq" }, { name: "both/new", content: "n" }, { name: "both/.wh.new" }]);
  const { row } = await bed.ingest(tar);
  const hidden = lstatSync(at(row.directory, "etc/passwd"));
  expect(hidden.isCharacterDevice() && hidden.rdev === 0).toBe(true);
  expect(Buffer.from(calls.getXattr(path(at(row.directory, "var")), "trusted.overlay.opaque") ?? []).toString()).toBe("y");
  expect(readFileSync(at(row.directory, "both/new"), "utf8")).toBe("n");
  expect(await bed.repacked(row.diffId)).toBe(row.diffId);
});

rootTest("a later entry replaces an earlier one, and the tar is still written back", async () => {
  const tar = tarOf([
    { name: "f", content: "first" },
    { name: "linked", content: "shared" },
    { name: "other", type: "1", linkName: "linked" },
    { name: "d/" },
    { name: "d/inside", content: "inside" },
    { name: "f", content: "second version" },
    { name: "linked", content: "now its own" },
    { name: "d", content: "a file where a directory was" },
    { name: "f", content: "third" },
  ]);
  const { row } = await bed.ingest(tar);
  expect(readFileSync(at(row.directory, "f"), "utf8")).toBe("third");
  expect(readFileSync(at(row.directory, "other"), "utf8")).toBe("shared");
  expect(statSync(at(row.directory, "d")).isFile()).toBe(true);
  expect(await bed.repacked(row.diffId)).toBe(row.diffId);
});

rootTest("links in the archive lead where they would in the container, never outside", async () => {
  const outside = join(bed.directory, "outside");
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, "precious"), "precious");
  const up = "../".repeat(20);
  const tar = tarOf([
    { name: `${up}${outside.slice(1)}/dotdot`, content: "x" },
    { name: `${outside}/absolute`, content: "x" },
    { name: "out", type: "2", linkName: outside },
    { name: "out/through", content: "x" },
    { name: "up", type: "2", linkName: `${up}${outside.slice(1)}` },
    { name: "up/through-up", content: "x" },
    { name: "p", type: "2", linkName: "/proc/1/root" },
    { name: "p/tmp/berth-escape", content: "x" },
  ]);
  const { row } = await bed.ingest(tar);
  expect(readdirSync(outside)).toEqual(["precious"]);
  expect(readFileSync(at(row.directory, `${outside.slice(1)}/through`), "utf8")).toBe("x");
  expect(existsSync(at(row.directory, `${outside.slice(1)}/dotdot`))).toBe(true);
  expect(await bed.repacked(row.diffId)).toBe(row.diffId);
});

rootTest("a hard link to something outside is refused", async () => {
  await expect(bed.ingest(tarOf([{ name: "h", type: "1", linkName: "/etc/shadow" }]))).rejects.toThrow("no such file or directory");
});

rootTest("overlay's own attributes from outside are not set", async () => {
  const pax = new Map([["SCHILY.xattr.trusted.overlay.opaque", "y"], ["SCHILY.xattr.trusted.overlay.redirect", "/etc"]]);
  const { row } = await bed.ingest(tarOf([{ name: "dir/", pax }]));
  expect(calls.listXattrs(path(at(row.directory, "dir")))).toEqual([]);
});

const good = tarOf([{ name: "a", content: "x".repeat(3000) }]);
rootTest.each([
  ["a cut archive", good.subarray(0, 1500), {}, "unexpected EOF"],
  ["a cut gzip", gzipSync(good).subarray(0, -12), {}, "unexpected EOF"],
  ["a broken header", Buffer.concat([Buffer.alloc(512, 7), good]), {}, "invalid tar header"],
  ["another diff id", good, { diffId: sha(Buffer.from("other")) }, "layers from manifest don't match image configuration"],
  ["another blob digest", good, { blob: { digest: sha(Buffer.from("other")), sizeBytes: good.length } }, "filesystem layer verification failed"],
  ["another size", good, { blob: { digest: sha(good), sizeBytes: 3 } }, "failed size validation"],
])("%s is refused and leaves nothing", async (name, bytes, options, message) => {
  const before = readdirSync(bed.layersDirectory).length;
  await expect(bed.ingest(bytes, options)).rejects.toThrow(message);
  expect(temporary()).toEqual([]);
  expect(readdirSync(bed.layersDirectory).length).toBe(before);
  // the worker that failed is good for the next layer
  expect((await bed.ingest(tarOf([{ name: "next", content: name }]))).existed).toBe(false);
});

rootTest("a source that fails fails the layer with its own error", async () => {
  const source = async function* () {
    yield* pieces(good.subarray(0, 600));
    throw new Error("connection reset");
  };
  await expect(bed.store.layers.ingest(source(), { leaseId: bed.leaseId })).rejects.toThrow("connection reset");
  expect(temporary()).toEqual([]);
});

rootTest("an aborted layer leaves nothing", async () => {
  const stop = new AbortController();
  const source = async function* () {
    yield* pieces(good.subarray(0, 600));
    stop.abort();
    await new Promise(() => undefined);
  };
  await expect(bed.store.layers.ingest(source(), { leaseId: bed.leaseId, signal: stop.signal })).rejects.toThrow("context canceled");
  expect(temporary()).toEqual([]);
});

rootTest("two at once of the same layer make one directory", async () => {
  const tar = tarOf([{ name: "twin", content: "twin" }]);
  const [first, second] = await Promise.all([bed.ingest(tar), bed.ingest(gzipSync(tar))]);
  expect(first.row.directory).toBe(second.row.directory);
  expect([first.existed, second.existed].toSorted()).toEqual([false, true]);
  await bed.store.idle();
  expect(temporary()).toEqual([]);
});

rootTest("sizes count contents, hard links once", async () => {
  const { row } = await bed.ingest(tarOf([{ name: "one", content: "x".repeat(5000) }, { name: "two", type: "1", linkName: "one" }, { name: "three", content: "y" }]));
  expect(row.sizeBytes).toBe(5001);
  expect(row.entries).toBe(3);
});

async function container(entries: Parameters<typeof tarOf>[0]) {
  const { row } = await bed.ingest(tarOf(entries));
  const directory = bed.store.layers.prepare("c");
  return { directory, diffIds: [row.diffId] };
}

rootTest("what a container changes is told as Docker tells it, and commits to a layer", async () => {
  const target = await container([{ name: "etc/" }, { name: "etc/passwd", content: "root" }, { name: "etc/keep", content: "keep" }, { name: "tmp/" }, { name: "same/" }, { name: "same/opened", content: "same" }]);
  const { layers } = bed.store;
  await layers.withRoot(target, async (root) => {
    execFileSync("sh", ["-c", 'cd "$0" && rm etc/passwd && echo new >tmp/new && echo more >>etc/keep && mkdir made && : >>same/opened && mkdir same/x && rmdir same/x', root]);
  });
  const changes = await layers.changes(target.directory, target.diffIds);
  expect(changes.map(({ Path, Kind }) => `${"CAD"[Kind]} ${Path}`).toSorted()).toEqual(["A /made", "A /tmp/new", "C /etc", "C /etc/keep", "C /tmp", "D /etc/passwd"]);
  expect((await layers.usage(target.directory)).sizeBytes).toBe(4 + 9 + 4);
  const row = await layers.commit(target.directory, bed.leaseId);
  expect(lstatSync(at(row.directory, "etc/passwd")).isCharacterDevice()).toBe(true);
  expect(readFileSync(at(row.directory, "etc/keep"), "utf8")).toBe("keepmore\n");
  expect((await layers.commit(target.directory, bed.leaseId)).diffId).toBe(row.diffId);
  layers.remove(target.directory);
});

rootTest("a file is read through layers and links", async () => {
  const lower = (await bed.ingest(tarOf([{ name: "etc/passwd", content: "lower" }, { name: "etc/only-lower", content: "ol" }, { name: "hidden/secret", content: "s" }]))).row.diffId;
  const upper = (await bed.ingest(tarOf([{ name: "etc/passwd", content: "upper" }, { name: "hidden/.wh..wh..opq" }, { name: "link", type: "2", linkName: "/etc/only-lower" }, { name: "deep/up", type: "2", linkName: "../../../../etc/passwd" }, { name: "loop", type: "2", linkName: "loop" }]))).row.diffId;
  const directory = bed.store.layers.prepare("c");
  const read = async (name: string) => {
    const bytes = await bed.store.layers.readFile(directory, [lower, upper], name, 1000);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString();
  };
  expect(await read("/etc/passwd")).toBe("upper");
  expect(await read("/link")).toBe("ol");
  expect(await read("/deep/up")).toBe("upper");
  expect(await read("/hidden/secret")).toBeUndefined();
  expect(bed.store.layers.directoryMode(directory, [lower, upper], "/etc")).toBe(0o755);
  expect(bed.store.layers.directoryMode(directory, [lower, upper], "/etc/passwd")).toBeUndefined();
  expect(bed.store.layers.directoryMode(directory, [lower, upper], "/nothing")).toBeUndefined();
  expect(await read("/loop")).toBeUndefined();
  expect(await read("/etc")).toBeUndefined();
  bed.store.layers.remove(directory);
});

rootTest("archives come out of a container and go in, within its root", async () => {
  const target = await container([{ name: "data/" }, { name: "data/f", content: "contents" }, { name: "abs", type: "2", linkName: "/data" }, { name: "evil", type: "2", linkName: "/../../../../tmp" }]);
  const { layers } = bed.store;
  await layers.withRoot(target, async (root) => {
    const stat = await layers.statPath(root, "/abs");
    expect([stat.name, stat.linkTarget]).toEqual(["abs", "/data"]);
    expect((await layers.statPath(root, "/abs/f")).size).toBe(8);
    await expect(layers.statPath(root, "/nope/x")).rejects.toThrow("Could not find the file /nope/x in container");
    const listed = async (name: string) => {
      const parts: Uint8Array[] = [];
      for await (const bytes of layers.archiveOut(root, name)) parts.push(bytes.slice());
      return execFileSync("tar", ["-tf", "-"], { input: Buffer.concat(parts), encoding: "utf8" }).trim().split("\n");
    };
    expect(await listed("/data")).toEqual(["data/", "data/f"]);
    expect(await listed("/abs/.")).toEqual(["./", "./f"]);
    const options = { noOverwriteDirNonDir: true, copyUidGid: false };
    await layers.archiveIn(root, "/abs", pieces(tarOf([{ name: "g", content: "put", uid: 7 }])), options);
    expect(statSync(join(root, "data/g")).uid).toBe(7);
    await layers.archiveIn(root, "/", pieces(tarOf([{ name: "evil/berth-escape-2", content: "x" }])), options);
    expect(existsSync("/tmp/berth-escape-2")).toBe(false);
    expect(readFileSync(join(root, "tmp/berth-escape-2"), "utf8")).toBe("x");
    await expect(layers.archiveIn(root, "/data/f", pieces(good), options)).rejects.toThrow("not a directory");
    await expect(layers.archiveIn(root, "/", pieces(tarOf([{ name: "data", content: "file" }])), options)).rejects.toThrow("cannot overwrite directory");
  });
  layers.remove(target.directory);
});

rootTest("an empty volume gets what the image has, once", async () => {
  const target = await container([{ name: "data/", uid: 5, gid: 6, mode: 0o750 }, { name: "data/f", content: "first", uid: 5 }, { name: "data/l", type: "2", linkName: "f" }]);
  const volume = join(bed.directory, "volume");
  mkdirSync(volume);
  await bed.store.layers.copyUp(target, "/data", volume);
  expect([statSync(volume).uid, statSync(volume).gid, statSync(volume).mode & 0o777]).toEqual([5, 6, 0o750]);
  expect(readlinkSync(join(volume, "l"))).toBe("f");
  writeFileSync(join(volume, "f"), "changed");
  await bed.store.layers.copyUp(target, "/data", volume);
  expect(readFileSync(join(volume, "f"), "utf8")).toBe("changed");
  bed.store.layers.remove(target.directory);
});

rootTest("several users of one container's root share a mount, which goes with the last", async () => {
  const target = await container([{ name: "f", content: "x" }]);
  const seen: string[] = [];
  await Promise.all([1, 2, 3].map(() => bed.store.layers.withRoot(target, async (root) => {
    seen.push(root);
    await bed.store.layers.statPath(root, "/f");
  })));
  expect(new Set(seen).size).toBe(1);
  expect(readFileSync("/proc/mounts", "utf8")).not.toContain(seen[0] ?? "?");
  bed.store.layers.remove(target.directory);
});

rootTest("nothing is older than 1970, as other engines have it", async () => {
  const tar = tarOf([
    { name: "old", content: "x", pax: new Map([["mtime", "-1000000.5"]]) },
    { name: "directory/", pax: new Map([["mtime", "-1"]]) },
    { name: "new", content: "x", pax: new Map([["mtime", "5000000000.000000001"]]) },
  ]);
  const { row } = await bed.ingest(tar);
  expect(["old", "directory", "new"].map((name) => lstatSync(at(row.directory, name), { bigint: true }).mtimeNs)).toEqual([0n, 0n, 5_000_000_000_000_000_001n]);
  expect(await bed.repacked(row.diffId)).toBe(row.diffId);
});

rootTest("a layer's bytes on the disk are those that du counts: of long directories, holes, links, attributes", async () => {
  execFileSync("rm", ["-rf", join(bed.directory, "strange")]);
  const many = Array.from({ length: 400 }, (_, index) => ({ name: `many/${"name".repeat(20)}-${index}`, content: "x" }));
  const tars = [
    tarOf([...many, { name: "long-link", type: "2", linkName: "t/".repeat(100) }, { name: "implied/by/its/path", content: "y".repeat(5000) }, { name: "twice", content: "1".repeat(9000) }, { name: "twice", content: "2" }]),
    execFileSync("tar", ["-C", strangeTree(), "--sparse", "-c", "."], { maxBuffer: 1 << 26 }),
    tarOf([]),
  ];
  for (const tar of tars) {
    const { row } = await bed.ingest(tar);
    const du = execFileSync("du", ["-s", "--block-size=1", join(bed.layersDirectory, row.directory)], { encoding: "utf8" });
    expect(row.diskBytes).toBe(Number(du.split("\t")[0]));
  }
});
