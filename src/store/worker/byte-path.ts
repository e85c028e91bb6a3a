// Paths in the workers are byte strings (latin1): a file's name need not be UTF-8.

/** For node:fs. */
export function fsPath(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

/** For system calls: ends with a zero byte. */
export function callPath(path: string): Buffer {
  return Buffer.from(`${path}\0`, "latin1");
}

/** The components that count: no empty ones, no `.`; `..` goes up but never above the root. */
export function components(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts;
}
