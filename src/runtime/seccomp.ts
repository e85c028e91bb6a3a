// Seccomp filter of a container: the default table, or a profile of the user in Docker's format, reduced to this kernel and these capabilities. Pure.
import { internal } from "../base/errors.ts";
import type { SpecSeccomp, SpecSyscall } from "./oci-spec.ts";
import { DEFAULT_SECCOMP, SECCOMP_ARCHITECTURES, type SeccompRule } from "./seccomp-default.ts";
import { parseSeccompProfile, type ProfileCall } from "./seccomp-profile.ts";

export interface SeccompFacts {
  capabilities: readonly string[];
  /** Docker's word: amd64, arm64… */
  architecture: string;
  kernel: readonly [major: number, minor: number];
}

const OPERATORS = { not: "SCMP_CMP_NE", is: "SCMP_CMP_EQ", masked: "SCMP_CMP_MASKED_EQ" } as const;
const EPERM = 1;

export function defaultSeccomp(facts: SeccompFacts): SpecSeccomp {
  const architectures = SECCOMP_ARCHITECTURES[facts.architecture];
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    ...(architectures === undefined ? {} : { architectures: [...architectures] }),
    syscalls: DEFAULT_SECCOMP.filter((rule) => holds(rule, facts)).map(toSyscall),
  };
}

function holds(rule: SeccompRule, { capabilities, architecture, kernel }: SeccompFacts): boolean {
  if (rule.capability !== undefined && !capabilities.includes(rule.capability)) return false;
  if (rule.withoutCapability !== undefined && capabilities.includes(rule.withoutCapability)) return false;
  if (rule.architectures !== undefined && !rule.architectures.includes(architecture)) return false;
  if (rule.notArchitectures?.includes(architecture) === true) return false;
  return rule.minKernel === undefined || isAtLeast(kernel, rule.minKernel);
}

function toSyscall(rule: SeccompRule): SpecSyscall {
  const names = rule.calls.trim().split(/\s+/);
  const call: SpecSyscall = rule.errno === undefined ? { names, action: "SCMP_ACT_ALLOW" } : { names, action: "SCMP_ACT_ERRNO", errnoRet: rule.errno };
  if (rule.argument !== undefined) call.args = [{ index: rule.argument[0], value: rule.argument[2], op: OPERATORS[rule.argument[1]] }];
  return call;
}

export function isAtLeast(kernel: readonly [number, number], wanted: readonly [number, number]): boolean {
  return kernel[0] > wanted[0] || (kernel[0] === wanted[0] && kernel[1] >= wanted[1]);
}

/** `undefined`: the profile filters nothing. */
export function seccompFromProfile(text: string, facts: SeccompFacts): SpecSeccomp | undefined {
  const { archMap, syscalls, ...rest } = parseSeccompProfile(text);
  if ((rest.defaultAction ?? "") === "" && (syscalls ?? []).length === 0) return undefined;
  if ((rest.architectures ?? []).length > 0 && (archMap ?? []).length > 0) {
    throw internal("both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'");
  }
  const native = SECCOMP_ARCHITECTURES[facts.architecture]?.[0];
  const mapped = (archMap ?? []).find((entry) => entry.architecture === native);
  const spec: SpecSeccomp = { ...rest, syscalls: (syscalls ?? []).flatMap((call) => (passes(call, facts) ? [fromProfile(call)] : [])) };
  if (mapped !== undefined) spec.architectures = [mapped.architecture, ...(mapped.subArchitectures ?? [])];
  return spec;
}

function fromProfile({ name, names, action, errnoRet, args }: ProfileCall): SpecSyscall {
  if ((name ?? "") !== "" && (names ?? []).length > 0) throw internal("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
  return {
    names: (name ?? "") === "" ? (names ?? []) : [name ?? ""],
    action: action ?? "",
    ...(errnoRet === undefined || errnoRet === null ? {} : { errnoRet }),
    ...((args ?? []).length === 0 ? {} : { args }),
  } as SpecSyscall;
}

/** Excluded by any one of its exclusions; included only by all of its inclusions. */
function passes({ includes, excludes }: ProfileCall, { capabilities, architecture, kernel }: SeccompFacts): boolean {
  const isSince = (version: string): boolean => isAtLeast(kernel, parseKernel(version));
  if (excludes?.arches?.includes(architecture) === true) return false;
  if (excludes?.caps?.some((name) => capabilities.includes(name)) === true) return false;
  if (excludes?.minKernel !== undefined && isSince(excludes.minKernel)) return false;
  if ((includes?.arches ?? []).length > 0 && includes?.arches?.includes(architecture) !== true) return false;
  if (includes?.caps?.some((name) => !capabilities.includes(name)) === true) return false;
  return includes?.minKernel === undefined || isSince(includes.minKernel);
}

export function parseKernel(release: string): [major: number, minor: number] {
  const [, major = "0", minor = "0"] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return [Number(major), Number(minor)];
}
