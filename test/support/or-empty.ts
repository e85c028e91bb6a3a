// What is on the machine at this moment; what has gone by then is nothing.
import { readdirSync, readFileSync } from "node:fs";

export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
