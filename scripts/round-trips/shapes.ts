// Twenty images, each odd in a way of its own. Built when asked for: some are large.
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { writeTarEntry } from "../../src/wire/tar/tar-header.ts";
import { tarOf } from "../../test/support/tar-text.ts";
import { type LayerFiles, packLayer } from "./layer-files.ts";
import { image, indexShape, type LayerInput, type Shape, shape } from "./shape.ts";

export type Maker = (name: string) => Shape;

/** What every image has below: something that could be a system. */
export const base = once((): Buffer =>
  packLayer((files) => {
    for (const path of ["bin", "etc", "home", "tmp", "usr", "usr/bin", "usr/share", "var"]) files.directory(path, path === "tmp" ? { mode: 0o1777 } : {});
    files.file("bin/sh", noise("sh", 300_000), { mode: 0o755 });
    files.file("bin/su", noise("su", 10_000), { mode: 0o4755 });
    files.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    files.file("etc/shadow", "root:*:19000::::::\n", { mode: 0o640, gid: 42 });
    files.symlink("../bin/sh", "usr/bin/sh");
    files.directory("home/user", { uid: 1000, gid: 1000, mode: 0o700 });
    files.file("home/user/notes", noise("notes", 5_000), { uid: 1000, gid: 1000 });
  }),
);

/** GNU tar puts its process ID and the time of reading into these, else. */
const PAX_NAMES = "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime";

const EMPTY = Buffer.alloc(1024);

/** Docker and Podman refuse GNU's sparse files and paths that come twice in a layer. */
export const REFUSED_BY_PEERS = ["beyond-docker"];
/** Docker cannot write a sparse layer or an image of none again, Podman no sparse layer. */
export const KEPT_BY_PEERS = ["sparse", "no-layers"];

export const SHAPES: Readonly<Record<string, Maker>> = {
  "oci-gzip": (name) => shape(name, { layers: [{ tar: base() }, { tar: small("b") }] }),
  "many-layers": (name) =>
    shape(name, { family: "docker", layers: [{ tar: base() }, ...Array.from({ length: 25 }, (_, index) => ({ tar: packLayer((files) => {
      files.directory("var");
      files.file(`var/layer-${index}`, noise(`layer ${index}`, 20_000 + index));
      files.file("var/last", `${index}\n`);
    }) }))] }),
  "empty-layers": (name) => shape(name, { family: "docker", layers: [{ tar: base() }, { tar: EMPTY }, { tar: small("c") }, { tar: EMPTY }, { tar: packLayer(() => undefined) }], config: { history: [{ created_by: "a" }, { created_by: "ENV x", empty_layer: true }, { created_by: "b" }, { created_by: "c" }, { created_by: "d" }, { created_by: "e" }] } }),
  "no-layers": (name) => shape(name, { layers: [], config: { history: [{ created_by: "LABEL only", empty_layer: true }] } }),
  "files-50000": (name) => shape(name, { layers: [{ tar: base() }, { tar: manyFiles(50_000), packing: "zstd" }] }),
  sparse: (name) =>
    shape(name, { layers: [{ tar: base() }, ...["0.0", "0.1", "1.0"].map((version) => ({ tar: sparse(["--format=posix", PAX_NAMES, `--sparse-version=${version}`]) }))] }),
  attributes: (name) => shape(name, { layers: [{ tar: base() }, { tar: attributes(), packing: "gzip" }] }),
  "hard-links": (name) => shape(name, { family: "docker", layers: [{ tar: base() }, { tar: hardLinks() }, { tar: moreLinks() }] }),
  whiteouts: (name) => shape(name, { layers: [{ tar: base() }, { tar: below() }, { tar: whiteouts() }, { tar: again() }] }),
  devices: (name) => shape(name, { family: "docker", layers: [{ tar: base() }, { tar: devices() }] }),
  names: (name) => shape(name, { layers: [{ tar: base() }, { tar: packLayer(oddNames, ["--format=gnu"]) }, { tar: packLayer((files) => oddNames(files, "pax"), ["--format=posix", PAX_NAMES]) }] }),
  "multi-platform-oci": (name) => indexShape(name, { family: "oci", annotations: { "org.opencontainers.image.title": "of several" }, images: platforms("oci") }),
  "multi-platform-docker": (name) => indexShape(name, { family: "docker", images: platforms("docker").slice(0, 3) }),
  zstd: (name) => shape(name, { layers: [{ tar: base(), packing: "zstd" }, { tar: small("d"), packing: "zstd", packed: zstdFrames(small("d")) }] }),
  plain: (name) => shape(name, { layers: [{ tar: base(), packing: "plain" }, { tar: small("e"), packing: "plain" }] }),
  mixed: (name) => shape(name, { layers: [{ tar: base(), packing: "zstd" }, { tar: small("f"), packing: "plain" }, { tar: small("g"), packing: "gzip" }, { tar: base(), packing: "zstd" }, { tar: small("h"), packed: gzipMembers(small("h")) }] }),
  annotations: (name) =>
    shape(name, {
      indent: "\t",
      layers: [{ tar: base(), annotations: { "org.example.layer": "first", "org.example.ünï": "✓" } }],
      manifest: { annotations: { "org.opencontainers.image.source": "https://example.org/a?b=<c>&d", "org.example.empty": "" }, "org.example.unknown": { kept: [1, 2.5, null] } },
    }),
  "odd-config": (name) => shape(name, { family: "docker", layers: [{ tar: base() }], config: oddConfig(), configText: (text) => `\n ${text.replace('"os":"linux"', '"os" : "l\\u0069nux"')}\n\n` }),
  "odd-tars": (name) => shape(name, { layers: [{ tar: base() }, { tar: v7() }, { tar: noEnd() }, { tar: afterTheEnd() }, { tar: withoutParents() }] }),
  "beyond-docker": (name) => shape(name, { layers: [{ tar: base() }, { tar: sparse(["--format=gnu"]) }, { tar: repeated() }] }),
};

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Bytes that compress about as programs do, always the same. */
function noise(seed: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, count = 0; at < length; at += 64, count++) parts.push(createHash("sha256").update(`${seed} ${count}`).digest(), Buffer.alloc(32, seed));
  return Buffer.concat(parts).subarray(0, length);
}

function small(seed: string): Buffer {
  return packLayer((files) => {
    files.directory("etc");
    files.file(`etc/${seed}`, noise(seed, 70_000), { mtime: [1_600_000_000, 0] });
    files.file("etc/passwd", `root:x:0:0:${seed}:/root:/bin/sh\n`);
  });
}

function manyFiles(count: number): Buffer {
  return packLayer((files) => {
    for (let at = 0; at < count; at++) {
      if (at % 250 === 0) files.directory(`d${at / 250}`);
      files.file(`d${Math.floor(at / 250)}/file-${at}`, at % 5 === 0 ? "" : `contents of ${at}\n`);
    }
  });
}

function sparse(flags: readonly string[]): Buffer {
  const of = flags.at(-1)?.replace(/.*=/, "") ?? "";
  const make = (files: LayerFiles): void => {
    files.sparse(`holes-${of}`, 20_000_000, [[0, "begin"], [5_000_000, "middle"], [19_999_997, "end"]]);
    files.sparse(`nothing-${of}`, 8_000_000, []);
    files.sparse(`many-${of}`, 4_000_000, Array.from({ length: 60 }, (_, at) => [at * 65_536, `piece ${at}`] as const));
  };
  return packLayer(make, ["--sparse", ...flags]);
}

function attributes(): Buffer {
  const capability = Buffer.from("0100000200040000000000000000000000000000", "hex");
  return packLayer(
    (files) => {
      files.file("ping", noise("ping", 30_000), { mode: 0o755, xattrs: { "security.capability": capability } });
      files.file("user", "x", { xattrs: { "user.plain": Buffer.from("text"), "user.binary": Buffer.from([0, 1, 10, 61, 255, 0]), "user.empty": Buffer.alloc(0) } });
      files.directory("directory", { xattrs: { "user.of.directory": Buffer.from("ü") } });
      files.file("directory/exact", "", { mtime: [1_234_567_890, 123_456_789] });
      files.file("directory/before-1970", "", { mtime: [-1_000_000, 500_000_000] });
      files.file("directory/after-2106", "", { mtime: [5_000_000_000, 1] });
      files.symlink("exact", "directory/link", { mtime: [1_111_111_111, 222_222_222] });
    },
    ["--format=posix", PAX_NAMES, "--xattrs", "--xattrs-include=*"],
  );
}

function hardLinks(): Buffer {
  return packLayer((files) => {
    files.directory("links");
    files.file("links/a", noise("linked", 100_000), { uid: 7, gid: 8, mode: 0o2755 });
    files.link("links/a", "links/b");
    files.link("links/a", "z");
    files.file("links/empty", "");
    files.link("links/empty", "links/empty-too");
    files.symlink("a", "links/symbolic");
    files.link("links/symbolic", "links/symbolic-too");
    files.fifo("links/fifo");
    files.link("links/fifo", "links/fifo-too");
  });
}

function moreLinks(): Buffer {
  return packLayer((files) => {
    files.directory("links");
    // names of the layer below, linked otherwise now
    files.file("links/b", "new b");
    files.link("links/b", "links/c");
  });
}

function below(): Buffer {
  return packLayer((files) => {
    for (const path of ["gone", "gone/deep", "opaque", "opaque/inner", "kept", "to-file", "to-link"]) files.directory(path);
    for (const path of ["gone/1", "gone/deep/2", "opaque/3", "opaque/inner/4", "kept/5", "kept/6", "to-file/7", "to-link/8", "to-directory"]) files.file(path, path);
  });
}

function whiteouts(): Buffer {
  return packLayer((files) => {
    files.file(".wh.gone");
    files.directory("opaque", { mode: 0o750, uid: 5 });
    files.file("opaque/.wh..wh..opq");
    files.file("opaque/new", "new");
    files.directory("kept");
    files.file("kept/.wh.5");
    files.file("kept/.wh.never-there");
    files.file("to-file", "a file now");
    files.symlink("kept", "to-link");
    files.directory("to-directory");
    files.file("to-directory/9", "9");
  });
}

function again(): Buffer {
  return packLayer((files) => {
    files.directory("gone", { mode: 0o711 });
    files.file("gone/back", "back");
    files.directory("kept");
    files.file("kept/5", "five again");
  });
}

function devices(): Buffer {
  return packLayer(
    (files) => {
      files.directory("dev");
      files.device("dev/null", "c", [1, 3], { mode: 0o666 });
      files.device("dev/disk", "b", [259, 70_000], { mode: 0o660, gid: 6 });
      files.device("dev/high", "c", [300, 1_000_000]);
      files.fifo("dev/pipe", { mode: 0o600, uid: 12, gid: 34 });
      files.file("all-bits", "x", { mode: 0o7777 });
      files.file("no-bits", "x", { mode: 0 });
      files.directory("sticky", { mode: 0o3777, uid: 65_534, gid: 65_534 });
      files.file("high-owner", "x", { uid: 3_000_000, gid: 4_000_000_000 });
    },
    ["--format=gnu"],
  );
}

function oddNames(files: LayerFiles, prefix = "gnu"): void {
  files.directory(prefix);
  const bytes = ["\xff\xfe", "latin-\xe9", Buffer.from("ünïcode ✓").toString("latin1"), "line\nbreak", "back\\slash", " spaces ", "quote\"'`$()", "-rf", "*", "tab\t", "\x01\x7f", "a:b", "x".repeat(255), ".wh", ".whatever"];
  for (const name of bytes) files.file(`${prefix}/${name}`, name);
  let path = prefix;
  for (let depth = 0; depth < 12; depth++) {
    path += `/${"deep".repeat(12)}${depth}`;
    files.directory(path);
  }
  files.file(`${path}/file`, "at the bottom");
  files.symlink(`../${"long/".repeat(60)}target`, `${prefix}/long-link`);
  files.symlink("\xff\xfe", `${prefix}/odd-link`);
  files.link(`${path}/file`, `${prefix}/linked-from-the-bottom`);
}

function platforms(family: "oci" | "docker"): Parameters<typeof indexShape>[1]["images"] {
  const one = (architecture: string, variant?: string) => ({
    built: image({ family, layers: [{ tar: base() }, { tar: small(`${architecture}${variant ?? ""}`) }], config: { architecture, ...(variant === undefined ? {} : { variant }) } }),
    platform: { os: "linux", architecture, ...(variant === undefined ? {} : { variant }) },
  });
  const main = one("amd64");
  const statement = image({ layers: [{ tar: Buffer.from("{}"), packing: "plain" }], config: { architecture: "unknown", os: "unknown" } });
  const attestation = { built: statement, platform: { os: "unknown", architecture: "unknown" }, annotations: { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": main.built.manifest.digest } };
  return [main, one("arm64", "v8"), one("arm", "v7"), attestation];
}

function zstdFrames(tar: Buffer): Buffer {
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
  return Buffer.concat([zstdCompressSync(tar.subarray(0, 10_000)), skippable, zstdCompressSync(tar.subarray(10_000))]);
}

/** As pigz, estargz and others write: one member after the other, the first with a name and a comment. */
function gzipMembers(tar: Buffer): Buffer {
  const first = gzipSync(tar.subarray(0, 5000));
  const named = Buffer.concat([first.subarray(0, 3), Buffer.from([0x10 | 0x08]), first.subarray(4, 10), Buffer.from("layer.tar\0a comment\0"), first.subarray(10)]);
  return Buffer.concat([named, gzipSync(Buffer.alloc(0)), gzipSync(tar.subarray(5000), { level: 1 })]);
}

function oddConfig(): Record<string, unknown> {
  return {
    created: "2024-05-06T07:08:09+02:00",
    author: "Jörg \u0000 <x@example.org>",
    docker_version: "1.2.3",
    container: "f".repeat(64),
    container_config: { Cmd: null, Labels: {} },
    "org.example.extension": { nested: [1, "two", { three: 3.5e10 }] },
    history: [{ created: "0001-01-01T00:00:00Z", created_by: "x".repeat(20_000), author: "", comment: "<&>" }],
    config: {
      Env: ["A=", "B", "C=ü=ö", "PATH=/bin"],
      Cmd: null,
      Entrypoint: ["sh", "-c", "echo \"$0\" '\\'"],
      Labels: { ...Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`label.${index}`, "v".repeat(index % 300)])), "": "nameless" },
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      Volumes: { "/data": {} },
      Healthcheck: { Test: ["CMD", "true"], Interval: 1_000_000_000, Retries: 3 },
      OnBuild: [],
      StopSignal: "SIGRTMIN+3",
      User: "1000:1000",
      Unknown: true,
    },
  };
}

function v7(): Buffer {
  return packLayer((files) => {
    files.directory("old");
    files.file("old/file", noise("old", 3000));
    files.symlink("file", "old/link");
  }, ["--format=v7", "--blocking-factor=1"]);
}

/** One path several times, as different things. */
function repeated(): Buffer {
  return tarOf([
    { name: "r/" },
    { name: "r/x", content: "first" },
    { name: "r/y", type: "1", linkName: "r/x" },
    { name: "r/x", content: "second, longer" },
    { name: "r/z", type: "2", linkName: "x" },
    { name: "r/z", content: "no link any more" },
    { name: "r/", mode: 0o700, uid: 3 },
    { name: "./r//./q", content: "odd spelling" },
  ]);
}

function noEnd(): Buffer {
  return tarOf([{ name: "no-end", content: "x".repeat(512) }], { end: false });
}

function afterTheEnd(): Buffer {
  return Buffer.concat([tarOf([{ name: "padded", content: "y" }]), Buffer.alloc(512 * 37)]);
}

function withoutParents(): Buffer {
  return Buffer.concat([writeTarEntry({ name: "made/up/parents/file", type: "0", mode: 0o600, uid: 1, gid: 1, size: 0, mtime: 1_000_000_000 }), tarOf([{ name: "made/", mode: 0o711 }, { name: "made/up/parents/" }, { name: "made/up/", uid: 9 }])]);
}

export type { LayerInput };
