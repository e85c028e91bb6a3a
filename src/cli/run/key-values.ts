// Environment variables and labels: from flags and files, in Docker's order (files first).
import { failure } from "../failure.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export function checkEnv(text: string): void {
  if (text === "" || text.startsWith("=")) throw failure(`invalid environment variable: ${text}`);
}

export function checkLabel(text: string): void {
  if (text === "" || text.startsWith("=")) throw failure(`invalid label '${text}': empty name`);
}

/** `-e KEY` takes the value from our own environment; unset, it unsets the image's. */
export function readEnv(files: readonly string[], flags: readonly string[], environment: Environment, readFile: (path: string) => string): string[] {
  const fromFiles = files.flatMap((path) => fileLines(path, readFile, "env", environment));
  return [...fromFiles, ...flags.map((text) => (text.includes("=") || environment[text] === undefined ? text : `${text}=${environment[text]}`))];
}

export function readLabels(files: readonly string[], flags: readonly string[], readFile: (path: string) => string): Record<string, string> {
  return pairs([...files.flatMap((path) => fileLines(path, readFile, "label")), ...flags]);
}

/** `k=v` texts as a map; no `=` means an empty value. */
export function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function fileLines(path: string, readFile: (path: string) => string, kind: "env" | "label", environment?: Environment): string[] {
  const lines: string[] = [];
  for (const raw of readFile(path).replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const name = (equals < 0 ? line : line.slice(0, equals)).trimStart();
    if (name === "") throw failure(`invalid ${kind} file (${path}): no variable name on line '${line}'`);
    if (/[ \t]/.test(name)) throw failure(`invalid ${kind} file (${path}): variable '${name}' contains whitespaces`);
    if (equals >= 0) lines.push(`${name}${line.slice(equals)}`);
    else if (kind === "label") lines.push(name.trim());
    else if (environment?.[name.trim()] !== undefined) lines.push(`${name.trim()}=${environment[name.trim()]}`);
  }
  return lines;
}
