// Files of environment variables and labels.
import { readFileSync } from "node:fs";
import { failure } from "../failure.ts";

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EISDIR") throw failure(`invalid env file (${path}): read ${path}: is a directory`);
    throw failure(`open ${path}: no such file or directory`);
  }
}
