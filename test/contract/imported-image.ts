// The image that contract tests work with: busybox, imported under the name a test wants.
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { writeBaseImage } from "../support/base-image.ts";

export interface ImportOptions {
  repo: string;
  tag: string;
  /** As Dockerfile instructions. */
  changes?: readonly string[];
}

/** Resolves to the image's id. */
export async function importBase(socketPath: string, { repo, tag, changes = [] }: ImportOptions): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "berth-base-"));
  try {
    const tar = join(directory, "base.tar");
    writeBaseImage(directory, tar);
    return await importTar(socketPath, tar, `/images/create?${new URLSearchParams([["fromSrc", "-"], ["repo", repo], ["tag", tag], ...changes.map((change) => ["changes", change])]).toString()}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function importTar(socketPath: string, tar: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method: "POST", path, headers: { "content-type": "application/x-tar", "content-length": statSync(tar).size } }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk: Buffer) => (text += chunk.toString()));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const id = /"status":"(sha256:[0-9a-f]{64})"/.exec(text)?.[1];
        if (id === undefined) reject(new Error(`import failed: ${text}`));
        else resolve(id);
      });
    });
    outgoing.on("error", reject);
    createReadStream(tar).pipe(outgoing);
  });
}
