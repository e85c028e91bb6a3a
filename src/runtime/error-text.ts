// What shims, runc and crun say when something fails, in Docker's words (runc 1.2's): clients match on them.
import { EngineError, internal, notFound } from "../base/errors.ts";
import { GRPC, TtrpcError } from "./ttrpc.ts";

/** An error of creating a task: `failed to create task for container: …`. */
export function createError(error: unknown, program: string): EngineError {
  if (error instanceof EngineError) return error;
  return internal(`failed to create task for container: failed to create shim task: ${ociText(messageOf(error), "create", program)}`, {}, error);
}

/** What runc and crun do to have a group, before they set limits in it, each where it failed because something has gone. */
const GROUP_STEPS = /(?:unable to apply cgroup configuration: .*|creating cgroup directory `.*|open `\/sys\/fs\/cgroup\/.*|(?:write|read from) `cpuset\..*): no such (?:file or directory|device)/i;

/** Somebody took an empty parent away between its making and the making of the container's cgroup in it: runtimes give up then. */
export function isCgroupParentGone(error: unknown): boolean {
  return GROUP_STEPS.test(messageOf(error));
}

/** An error of starting an exec. */
export function execError(error: unknown, program: string): EngineError {
  if (error instanceof EngineError) return error;
  return internal(ociText(messageOf(error), "exec", program), {}, error);
}

/** Any other refused call. */
export function taskError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = messageOf(error);
  if ((error instanceof TtrpcError && error.code === GRPC.notFound) || /process already finished|no such process/i.test(text)) return notFound(text, {}, error);
  return internal(ociText(text, "create", ""), {}, error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** crun's phrases → runc's. `$1` is the program or path, `%PROGRAM%` the program that was asked for. */
const CRUN: readonly [RegExp, string][] = [
  [/executable file `([^`]*\/[^`]*)` not found(?: in \$PATH)?: No such file or directory/, 'exec: "$1": stat $1: no such file or directory'],
  [/executable file `([^`]*)` not found in \$PATH: No such file or directory/, 'exec: "$1": executable file not found in $PATH'],
  [/open executable: No such file or directory/, 'exec: "%PROGRAM%": stat %PROGRAM%: no such file or directory'],
  [/open executable: Operation not permitted/, 'exec: "%PROGRAM%": is a directory: permission denied'],
  [/(?:open executable|exec(?:vp?)?(?: `[^`]*`)?): Permission denied/, 'exec: "%PROGRAM%": permission denied'],
  [/chdir `([^`]*)`: No such file or directory/, 'chdir to cwd ("$1") set in config.json failed: no such file or directory'],
  [/chdir `([^`]*)`: Permission denied/, 'chdir to cwd ("$1") set in config.json failed: permission denied'],
  [/chdir `([^`]*)`: Not a directory/, 'chdir to cwd ("$1") set in config.json failed: not a directory'],
];

function ociText(text: string, verb: "create" | "exec", program: string): string {
  const match = /^OCI runtime (create|exec|start) failed: (.*?)(?:: unknown)?$/s.exec(text);
  if (match === null) return text;
  const own = match[2] ?? "";
  const isRunc = own.startsWith("runc create failed: ") || own.startsWith("exec failed: ") || own.startsWith("runc run failed: ");
  const start = verb === "exec" ? "exec failed: unable to start container process: " : "runc create failed: unable to start container process: ";
  if (!isRunc) return `OCI runtime ${verb} failed: ${start}${verb === "create" ? "error during container init: " : ""}${fromCrun(own, program)}`;
  return `OCI runtime ${verb} failed: ${verb === "create" ? withInit(own) : own}`;
}

/** Debian's runc 1.1 lacks a phrase that 1.2 has. */
function withInit(text: string): string {
  return text.replace(/^(runc create failed: unable to start container process: )(?!error during container init: )(exec: |error mounting |chdir |error setting cwd )/, "$1error during container init: $2");
}

function fromCrun(text: string, program: string): string {
  if (program === "" && text.includes("open executable")) return 'exec: "": executable file not found in $PATH';
  for (const [pattern, replacement] of CRUN) {
    const match = pattern.exec(text);
    if (match !== null) return replacement.replaceAll("$1", () => match[1] ?? "").replaceAll("%PROGRAM%", () => program);
  }
  return text.replace(/: (No such file or directory|Permission denied|Is a directory|Not a directory|Operation not permitted|Invalid argument|Exec format error)$/, (all) => all.toLowerCase());
}
