// A stream from the daemon into a file, complete or not at all, or to stdout: export and save.
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Cli } from "./context.ts";
import { failure } from "./failure.ts";

export async function saveBody(cli: Cli, path: string, what: string, open: () => Promise<Response>): Promise<void> {
  if (path !== "") checkPath(path, what);
  const response = await open();
  const body = (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
  if (path === "") {
    for await (const bytes of body) cli.console.out(bytes);
    return;
  }
  if (existsSync(path) && !statSync(path).isFile()) return writeInto(openSync(path, "w"), body); // a device or FIFO
  const temporary = join(dirname(path), `.tmp-${basename(path)}${process.pid}`);
  try {
    await writeInto(openSync(temporary, "wx", 0o600), body);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

async function writeInto(fd: number, body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const bytes of body) {
      let rest = bytes;
      while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
    }
  } finally {
    closeSync(fd);
  }
}

function checkPath(path: string, what: string): void {
  const directory = dirname(path);
  if (!existsSync(directory)) throw failure(`${what}: invalid output path: stat ${directory}: no such file or directory`);
  if (existsSync(path) && statSync(path).isDirectory()) throw failure(`${what}: invalid output path: ${JSON.stringify(path)} is a directory`);
}
