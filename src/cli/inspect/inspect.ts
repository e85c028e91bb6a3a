// `inspect` of every noun: objects found are printed, failures come after them.
import type { Cli } from "../context.ts";
import { failure, textOf } from "../failure.ts";
import { indentJson, parseJson } from "../json-text.ts";
import { compileTemplate, executeTemplate } from "../template/execute.ts";
import type { Template } from "../template/parser.ts";
import { withTimes, zeroOf } from "./shape.ts";

/** Resolves to the object's JSON text, as the daemon sent it. */
export type FindObject = (name: string) => Promise<string>;

export async function inspectObjects(cli: Cli, names: readonly string[], format: string, find: FindObject): Promise<void> {
  const template = format === "" || format === "json" ? undefined : compile(format);
  const found: string[] = [];
  const errors: string[] = [];
  let printed = "";
  for (const name of names) {
    try {
      const text = await find(name);
      if (template) printed += `${render(template, text)}\n`;
      else found.push(text.trim());
    } catch (error) {
      if (template && isTemplateFailure(error)) printed += "\n";
      errors.push(textOf(error));
    }
  }
  cli.console.out(template ? printed || (errors.length > 0 ? "\n" : "") : arrayText(found, format));
  if (errors.length > 0) throw failure(errors.join("\n"));
}

function arrayText(found: readonly string[], format: string): string {
  if (format === "json") return `[${found.join(",")}]\n`;
  return found.length === 0 ? "[]\n" : `${indentJson(`[${found.join(",")}]`, "    ")}\n`;
}

const PREFIX = "template parsing error: ";

function compile(format: string): Template {
  try {
    return compileTemplate(format);
  } catch (error) {
    throw failure(`${PREFIX}${error instanceof Error ? error.message : String(error)}`, 64);
  }
}

function render(template: Template, text: string): string {
  try {
    return executeTemplate(template, withTimes(parseJson(text)), { strictKeys: true, zeroOf });
  } catch {
    return renderRaw(template, text);
  }
}

/** What Docker does when its types do not fit the template: the bare JSON, in which nothing is added and numbers are texts. */
function renderRaw(template: Template, text: string): string {
  try {
    return executeTemplate(template, withTextNumbers(parseJson(text)), { strictKeys: true });
  } catch (error) {
    throw failure(`${PREFIX}${error instanceof Error ? error.message : String(error)}`);
  }
}

function withTextNumbers(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(withTextNumbers);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withTextNumbers(member)]));
}

function isTemplateFailure(error: unknown): boolean {
  return textOf(error).startsWith(PREFIX);
}
