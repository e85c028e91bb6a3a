// A seccomp profile in Docker's format, as its users write it: read with Go's words for what is wrong with it.
import { internal, messageOf } from "../base/errors.ts";
import { decodeShape, integer, list, object, type Shape, string } from "../wire/go-shape.ts";
import { jsonProblem } from "../wire/json-problem.ts";
import type { SpecSeccomp, SpecSyscall } from "./oci-spec.ts";

interface ProfileFilter {
  arches?: string[];
  caps?: string[];
  minKernel?: string;
}

export interface ProfileCall extends Partial<SpecSyscall> {
  name?: string;
  comment?: string;
  includes?: ProfileFilter;
  excludes?: ProfileFilter;
}

export interface Profile extends Omit<SpecSeccomp, "syscalls"> {
  archMap?: { architecture: string; subArchitectures?: string[] }[];
  syscalls?: ProfileCall[];
}

const named = (type: string): Shape => ({ kind: "string", type: `specs.${type}` });
const filter = object("seccomp.Filter", { caps: list(string), arches: list(string), minKernel: string });
const argument = object("specs.LinuxSeccompArg", { index: integer("uint"), value: integer("uint64"), valueTwo: integer("uint64"), op: named("LinuxSeccompOperator") });
const call = object("seccomp.Syscall", { names: list(string), action: named("LinuxSeccompAction"), errnoRet: integer("uint"), args: list(argument), name: string, comment: string, includes: filter, excludes: filter });
const profile = object("seccomp.Seccomp", {
  defaultAction: named("LinuxSeccompAction"),
  defaultErrnoRet: integer("uint"),
  flags: list(named("LinuxSeccompFlag")),
  listenerPath: string,
  listenerMetadata: string,
  architectures: list(named("Arch")),
  archMap: list(object("seccomp.Architecture", { architecture: named("Arch"), subArchitectures: list(named("Arch")) })),
  syscalls: list(call, "[]*seccomp.Syscall"),
});

export function parseSeccompProfile(text: string): Profile {
  try {
    const problem = jsonProblem(text);
    if (problem !== undefined) throw internal(problem);
    // a null is a profile that says nothing
    return (decodeShape(profile, JSON.parse(text)) ?? {}) as Profile;
  } catch (error) {
    throw internal(`Decoding seccomp profile failed: ${messageOf(error).replace(/^invalid JSON: /, "")}`);
  }
}
