// `container cp`.
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, normalize, posix, resolve } from "node:path";
import { extractTar } from "../../archive/extract.ts";
import { readTar } from "../../archive/tar-read.ts";
import { writeTar } from "../../archive/tar-write.ts";
import { exactly, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { segment } from "../../short-id.ts";
import { humanSize } from "../../units.ts";
import { prepareCopy, splitEntry, type CopyEnd } from "./copy-plan.ts";

interface PathStat {
  name: string;
  size: number;
  /** Go's file mode bits. */
  mode: number;
  linkTarget: string;
}

const GO_DIRECTORY = 0x8000_0000;
const GO_SYMLINK = 0x0800_0000;

export const command: Command = {
  long: [
    "Copy files/folders between a container and the local filesystem",
    "",
    "Use '-' as the source to read a tar archive from stdin",
    "and extract it to a directory destination in a container.",
    "Use '-' as the destination to stream a tar archive of a",
    "container source to stdout.",
  ].join("\n"),
  args: exactly(2),
  completes: "containers",
  flags: `
-a, --archive  Archive mode (copy all uid/gid information)
-L, --follow-link  Always follow symbol link in SRC_PATH
-q, --quiet  Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached
`,
  async run(cli, invocation) {
    if (invocation.args[0] === "") throw failure("source can not be empty");
    if (invocation.args[1] === "") throw failure("destination can not be empty");
    const [source, target] = invocation.args.map(splitLocation) as [Location, Location];
    if (source.container !== "" && target.container !== "") throw failure("copying between containers is not supported");
    if (source.container !== "") return copyOut(cli, source, target.path, invocation);
    if (target.container !== "") return copyIn(cli, source.path, target, invocation);
    throw failure("must specify at least one container source");
  },
};

interface Location {
  readonly container: string;
  readonly path: string;
}

/** `container:path`; an absolute or dotted path is local even with a colon. */
export function splitLocation(text: string): Location {
  if (isAbsolute(text)) return { container: "", path: text };
  const colon = text.indexOf(":");
  if (colon < 0 || text.startsWith(".")) return { container: "", path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}

async function copyOut(cli: Cli, { container, path }: Location, target: string, { flags }: Invocation): Promise<void> {
  const archivePath = `/containers/${segment(container)}/archive`;
  let from = path;
  let rebase: string | undefined;
  if (flags.bool("follow-link")) {
    const stat = await statPath(cli, archivePath, from).catch(() => undefined);
    if (stat && (stat.mode & GO_SYMLINK) !== 0) {
      from = posix.isAbsolute(stat.linkTarget) ? stat.linkTarget : posix.join(posix.dirname(from), stat.linkTarget);
      rebase = posix.basename(path);
    }
  }
  const response = await cli.client().open("GET", archivePath, { query: { path: from } });
  const stat = parseStat(response.headers.get("x-docker-container-path-stat"));
  const counter = { bytes: 0 };
  const body = counted((response.body ?? []) as unknown as AsyncIterable<Uint8Array>, counter);
  if (target === "-") {
    for await (const bytes of body) cli.console.out(bytes);
    return;
  }
  const to = localTarget(target);
  const plan = prepareCopy({ path: from, exists: true, isDirectory: (stat.mode & GO_DIRECTORY) !== 0, ...(rebase === undefined ? {} : { rebase }) }, to);
  await extractTar(readTar(body), plan.directory, { ...(plan.rename ? { rename: plan.rename } : {}), keepOwners: flags.bool("archive") });
  if (!isQuiet(cli, flags)) cli.console.err(`Successfully copied ${humanSize(counter.bytes, 3)} to ${keepEnd(resolve(target), target)}\n`);
}

async function copyIn(cli: Cli, source: string, target: Location, { flags }: Invocation): Promise<void> {
  const archivePath = `/containers/${segment(target.container)}/archive`;
  const to = await containerTarget(cli, archivePath, target.path);
  const counter = { bytes: 0 };
  const query = (path: string) => ({ path, noOverwriteDirNonDir: "true", copyUIDGID: flags.bool("archive") ? "true" : undefined });
  if (source === "-") {
    if (!to.isDirectory) throw failure(`destination "${target.container}:${target.path}" must be a directory`);
    await put(cli, archivePath, query(to.path), cli.console.input());
    return;
  }
  const from = localSource(source, flags.bool("follow-link"));
  const plan = prepareCopy(from, to);
  const base = from.rebase ?? splitEntry(from.path).base;
  await put(cli, archivePath, query(plan.directory), counted(writeTar(realPath(from.path), plan.rename?.to ?? base), counter));
  if (!isQuiet(cli, flags)) cli.console.err(`Successfully copied ${humanSize(counter.bytes, 3)} to ${target.container}:${to.path}\n`);
}

async function put(cli: Cli, path: string, query: Record<string, string | undefined>, body: AsyncIterable<Uint8Array>): Promise<void> {
  const answer = await cli.client().upload("PUT", path, body, { query, headers: { "Content-Type": "application/x-tar" } });
  for await (const _piece of answer);
}

async function* counted(source: AsyncIterable<Uint8Array>, counter: { bytes: number }): AsyncIterable<Uint8Array> {
  for await (const piece of source) {
    counter.bytes += piece.length;
    yield piece;
  }
}

async function statPath(cli: Cli, archivePath: string, path: string): Promise<PathStat> {
  const response = await cli.client().open("HEAD", archivePath, { query: { path } });
  return parseStat(response.headers.get("x-docker-container-path-stat"));
}

function parseStat(header: string | null): PathStat {
  if (header === null) throw failure("unable to decode container path stat header: EOF");
  return JSON.parse(Buffer.from(header, "base64").toString()) as PathStat;
}

/** Where in the container the copy goes; a link there is followed once. */
async function containerTarget(cli: Cli, archivePath: string, given: string): Promise<CopyEnd> {
  let path = given;
  // what is wrong with it the copy itself will be told, in words
  const read = async () => statPath(cli, archivePath, path).catch(() => undefined);
  let stat = await read();
  if (stat && (stat.mode & GO_SYMLINK) !== 0) {
    path = keepEnd(posix.isAbsolute(stat.linkTarget) ? stat.linkTarget : posix.join(posix.dirname(path.replace(/\/+$/, "")), stat.linkTarget), given);
    stat = await read();
  }
  return { path, exists: stat !== undefined, isDirectory: stat !== undefined && (stat.mode & GO_DIRECTORY) !== 0 };
}

/** A trailing `/` or `/.` means something: it must survive cleaning. */
function keepEnd(path: string, original: string): string {
  if ((original.endsWith("/.") || original === ".") && !path.endsWith("/.")) return `${path.replace(/\/$/, "")}/.`;
  return original.endsWith("/") && !path.endsWith("/") ? `${path}/` : path;
}

function localSource(given: string, follow: boolean): CopyEnd {
  const path = keepEnd(normalize(given), given);
  const bare = path.replace(/\/\.?$/, "") || "/";
  const asDirectory = path.endsWith("/") || path.endsWith("/.");
  const stats = lstatSync(bare, { throwIfNoEntry: false });
  if (!stats) throw failure(`lstat ${keepEnd(resolve(given), given)}: no such file or directory`);
  if (!stats.isSymbolicLink() || !(follow || asDirectory)) {
    if (asDirectory && !stats.isDirectory()) throw failure("not a directory");
    return { path: path === "." ? `${resolve(".")}/.` : path, exists: true, isDirectory: stats.isDirectory() };
  }
  const real = realpathSync(bare);
  return { path: keepEnd(real, given), exists: true, isDirectory: statSync(real).isDirectory(), rebase: path.endsWith("/.") ? "." : basename(bare) };
}

function realPath(path: string): string {
  return path.replace(/\/\.?$/, "") || "/";
}

function localTarget(given: string): CopyEnd {
  let path = keepEnd(resolve(given), given);
  for (let links = 0; lstatSync(realPath(path), { throwIfNoEntry: false })?.isSymbolicLink(); links++) {
    if (links > 10) throw failure(`too many symlinks in ${JSON.stringify(given)}`);
    path = keepEnd(resolve(dirname(realPath(path)), readlinkSync(realPath(path))), given);
  }
  const stats = statSync(realPath(path), { throwIfNoEntry: false });
  if (!stats) {
    const parent = dirname(realPath(path));
    if (!statSync(parent, { throwIfNoEntry: false })) throw failure(`invalid output path: directory ${JSON.stringify(parent)} does not exist`);
  }
  return { path, exists: stats !== undefined, isDirectory: stats?.isDirectory() ?? false };
}

/** Without the flag, only a terminal is told. */
function isQuiet(cli: Cli, flags: FlagValues): boolean {
  return flags.has("quiet") ? flags.bool("quiet") : !cli.console.isTerminal("out");
}
