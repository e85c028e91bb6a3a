// `berth worker`: packs and unpacks for the daemon, chrooted into the directory at hand, one job after the other, over
// framed standard input and output. It ends when its input ends.
import { mkdirSync, openSync, writeSync } from "node:fs";
import { type FileCalls, openFileCalls } from "../../linux/file-calls.ts";
import { GzipBlocks } from "../../linux/gzip-blocks.ts";
import { TarReader } from "../../wire/tar/tar-reader.ts";
import { components, fsPath } from "./byte-path.ts";
import { changes } from "./changes.ts";
import { archiveOut, statPath, unpackTarget } from "./container-path.ts";
import { decompress } from "../../linux/decompress.ts";
import { FRAME, frameHeader, readFrames, type WorkerFrame } from "./frames.ts";
import { failJob, jobErrorOf } from "./job-error.ts";
import type { Job } from "./jobs.ts";
import { packLayer } from "./pack-layer.ts";
import { KEPT_XATTRS, TreeTar } from "./tree-tar.ts";
import { unpackLayer } from "./unpack-layer.ts";
import { Unpacker } from "./unpack.ts";
import { usage } from "./usage.ts";
import { writeAll } from "./write-all.ts";

const BATCH = 1 << 17;

export async function runWorker(_args: readonly string[]): Promise<number> {
  process.umask(0);
  const home = openSync("/", "r");
  const calls = openFileCalls();
  const leave = (): void => {
    calls.fchdir(home);
    calls.chroot(Buffer.from(".\0"));
  };
  const confine = (root: string): void => {
    calls.chroot(Buffer.from(`${root}\0`));
    process.chdir("/");
  };
  const frames = readFrames(process.stdin);
  for (;;) {
    const next = await frames.next();
    if (next.done === true) return 0;
    if (next.value.kind !== FRAME.job) continue;
    const output = new Output();
    const input = new JobInput(frames);
    try {
      const result = await runJob(JSON.parse(next.value.bytes.toString()) as Job, { calls, confine, input, output });
      output.flush();
      send(FRAME.result, JSON.stringify(result ?? null));
    } catch (error) {
      send(FRAME.error, JSON.stringify(jobErrorOf(error)));
    }
    leave();
    await input.drain();
  }
}

interface Tools {
  calls: FileCalls;
  confine(root: string): void;
  input: JobInput;
  output: Output;
}

async function runJob(job: Job, { calls, confine, input, output }: Tools): Promise<unknown> {
  const emit = (bytes: Uint8Array): void => output.add(bytes);
  switch (job.job) {
    case "unpack":
      return await unpackLayer({ calls, confine, ...job }, input.stream());
    case "pack":
      return job.gzip === true ? packGzip(job.directory, confine, output) : packLayer(job.directory, confine, emit);
    case "pack-upper":
      confine(job.upper);
      return wholeTree(calls, true, emit);
    case "export":
      confine(job.root);
      return wholeTree(calls, false, emit);
    case "stat":
      confine(job.root);
      return statPath(utf8Bytes(job.path));
    case "archive-out":
      confine(job.root);
      return archiveOut(calls, utf8Bytes(job.path), job.name === undefined ? undefined : utf8Bytes(job.name), emit);
    case "archive-in":
      return await archiveIn(job, { calls, confine, input });
    case "make-directory":
      confine(job.root);
      mkdirSync(fsPath(`/${components(utf8Bytes(job.path)).join("/")}`), { recursive: true, mode: 0o755 });
      return undefined;
    case "usage":
      return usage(job.path);
    case "changes":
      return changes(calls, job.upper, job.lower);
  }
}

/** One frame for each gzip member. */
function packGzip(directory: string, confine: (root: string) => void, output: Output): void {
  const gzip = new GzipBlocks((member) => {
    output.add(member);
    output.flush();
  });
  packLayer(directory, confine, (bytes) => gzip.add(bytes));
  gzip.end();
}

function wholeTree(calls: FileCalls, whiteouts: boolean, emit: (bytes: Uint8Array) => void): void {
  const tar = new TreeTar(calls, { whiteouts, xattrs: KEPT_XATTRS }, emit);
  tar.add("/", "");
  tar.end();
}

async function archiveIn(job: Extract<Job, { job: "archive-in" }>, { calls, confine, input }: Omit<Tools, "output">): Promise<void> {
  let base = "";
  const opened = (): void => {
    confine(job.root);
    base = unpackTarget(utf8Bytes(job.path));
  };
  let reader: TarReader | undefined;
  let unpacker: Unpacker | undefined;
  const begin = (): TarReader => {
    unpacker = new Unpacker(calls, undefined, { whiteouts: false, base, keepDirectories: job.keepDirectories });
    return new TarReader(unpacker);
  };
  for await (const bytes of decompress(input.stream(), opened)) {
    reader ??= begin();
    reader.push(bytes);
  }
  if (reader === undefined) failJob("invalid", "unexpected EOF", "EBADTAR");
  reader.end();
  unpacker?.finish();
}

/** Paths of requests are text; file names are bytes. */
function utf8Bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function send(kind: number, text: string): void {
  const bytes = Buffer.from(text);
  writeAll(1, Buffer.concat([frameHeader(kind, bytes.length), bytes]), writeSync);
}

/** Puts small pieces together before they go out. */
class Output {
  private readonly buffer = Buffer.alloc(BATCH);
  private used = 0;

  add(bytes: Uint8Array): void {
    if (this.used + bytes.length > BATCH) this.flush();
    if (bytes.length >= BATCH) return this.write(bytes);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  flush(): void {
    if (this.used > 0) this.write(this.buffer.subarray(0, this.used));
    this.used = 0;
  }

  private write(bytes: Uint8Array): void {
    writeAll(1, frameHeader(FRAME.data, bytes.length), writeSync);
    writeAll(1, bytes, writeSync);
  }
}

/** The stream that belongs to a job: data frames up to `end`. A job that has no stream gets an `end` at once. */
class JobInput {
  private ended = false;

  constructor(private readonly frames: AsyncGenerator<WorkerFrame>) {}

  async *stream(): AsyncGenerator<Uint8Array> {
    while (!this.ended) {
      const bytes = await this.next();
      if (bytes !== undefined) yield bytes;
    }
  }

  /** Passes over what the job did not want. */
  async drain(): Promise<void> {
    while (!this.ended) await this.next();
  }

  private async next(): Promise<Buffer | undefined> {
    const next = await this.frames.next();
    if (next.done === true) {
      this.ended = true;
      // the daemon went away in the middle: what came is not the whole
      throw new Error("unexpected EOF");
    }
    if (next.value.kind === FRAME.end) this.ended = true;
    return next.value.kind === FRAME.data ? next.value.bytes : undefined;
  }
}
