// --cidfile: taken before the container is made, so that nothing is made in vain; gone again when that fails.
import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { failure } from "../failure.ts";

export interface CidFile {
  write(id: string): void;
  discard(): void;
}

export function openCidFile(path: string): CidFile | undefined {
  if (path === "") return undefined;
  if (existsSync(path)) throw failure(`container ID file found, make sure the other container isn't running or delete ${path}`);
  const fd = create(path);
  return {
    write(id) {
      writeSync(fd, id);
      closeSync(fd);
    },
    discard() {
      closeSync(fd);
      rmSync(path, { force: true });
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, "wx", 0o666);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "no such file or directory" : code === "EACCES" ? "permission denied" : code === "ENOTDIR" ? "not a directory" : String(code);
    throw failure(`failed to create the container ID file: open ${path}: ${why}`);
  }
}
