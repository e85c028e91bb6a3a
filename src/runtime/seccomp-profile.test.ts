import { expect, test } from "bun:test";
import { parseSeccompProfile } from "./seccomp-profile.ts";

function problem(text: string): string {
  try {
    parseSeccompProfile(text);
    return "none";
  } catch (error) {
    return (error as Error).message.replace("Decoding seccomp profile failed: ", "");
  }
}

// as Docker 28.5.2 says
test("what is no profile, in Docker's words", () => {
  expect(problem("x")).toBe("invalid character 'x' looking for beginning of value");
  expect(problem("[]")).toBe("json: cannot unmarshal array into Go value of type seccomp.Seccomp");
  expect(problem('{"syscalls":5}')).toBe("json: cannot unmarshal number into Go struct field Seccomp.syscalls of type []*seccomp.Syscall");
  expect(problem('{"defaultAction":7}')).toBe("json: cannot unmarshal number into Go struct field Seccomp.defaultAction of type specs.LinuxSeccompAction");
  expect(problem('{"syscalls":[5]}')).toBe("json: cannot unmarshal number into Seccomp.syscalls.0 of type seccomp.Syscall");
  expect(problem('{"syscalls":[{"names":"x"}]}')).toBe("json: cannot unmarshal string into Go struct field Seccomp.syscalls.0.names of type []string");
  expect(problem('{"syscalls":[{"args":5}]}')).toBe("json: cannot unmarshal number into Go struct field Seccomp.syscalls.0.args of type []specs.LinuxSeccompArg");
  expect(problem('{"archMap":5}')).toBe("json: cannot unmarshal number into Go struct field Seccomp.archMap of type []seccomp.Architecture");
});

test("null and {} say nothing; nulls are as if not given", () => {
  expect(parseSeccompProfile("null")).toEqual({} as never);
  expect(parseSeccompProfile("{}")).toEqual({} as never);
  expect(parseSeccompProfile('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[null,{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":null,"includes":null}]}')).toEqual({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{}, { names: ["mkdir"], action: "SCMP_ACT_ERRNO" }],
  });
});
