// --security-opt: the old colon form, seccomp profiles read from files, and `systempaths=unconfined`.
import { failure } from "../failure.ts";

export interface Security {
  readonly options: string[];
  readonly unconfinedPaths: boolean;
}

export function parseSecurity(texts: readonly string[], readFile: (path: string) => string): Security {
  const options: string[] = [];
  let unconfinedPaths = false;
  for (const text of texts) {
    if (text === "systempaths=unconfined") unconfinedPaths = true;
    else options.push(optionOf(text, readFile));
  }
  return { options, unconfinedPaths };
}

function optionOf(text: string, readFile: (path: string) => string): string {
  if (text === "writable-cgroups" || text === "no-new-privileges") return text;
  const match = /^([^=:]*)[=:]([\s\S]*)$/.exec(text);
  if (!match) throw failure(`Invalid --security-opt: ${JSON.stringify(text)}`);
  const [, key = "", value = ""] = match;
  if (key !== "seccomp" || value === "unconfined" || value === "builtin") return text;
  return `seccomp=${profileOf(value, readFile)}`;
}

function profileOf(path: string, readFile: (path: string) => string): string {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    throw failure(`opening seccomp profile (${path}) failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw failure(`compacting json for seccomp profile (${path}) failed: invalid character`);
  }
}
