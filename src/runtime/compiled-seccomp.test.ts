import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { CompiledSeccomp } from "./compiled-seccomp.ts";
import type { Spec } from "./oci-spec.ts";

const directory = mkdtempSync(join(tmpdir(), "seccomp-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ANNOTATION = "run.oci.seccomp_bpf_data";
const specOf = (errno: number, annotations?: Record<string, string>) => ({ linux: { seccomp: { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: errno } }, ...(annotations === undefined ? {} : { annotations }) }) as unknown as Spec;

function made(id: string, filter: Uint8Array): string {
  mkdirSync(join(directory, id));
  writeFileSync(join(directory, id, "seccomp.bpf"), filter);
  return id;
}

test("a filter is given to containers of the same profile only, and leaves the spec as it was", async () => {
  const compiled = new CompiledSeccomp(directory);
  const spec = specOf(1, { mine: "kept" });
  expect(compiled.apply(spec)).toBe(spec);
  await compiled.learn(made("one", new Uint8Array(16).fill(7)), spec);
  expect(compiled.apply(spec).annotations).toEqual({ mine: "kept", [ANNOTATION]: Buffer.alloc(16, 7).toString("base64") });
  expect(spec.annotations).toEqual({ mine: "kept" });
  expect(compiled.apply(specOf(2)).annotations).toBeUndefined();
});

test("what is no filter, is not there or is the user's own is not kept", async () => {
  const compiled = new CompiledSeccomp(directory);
  await compiled.learn(made("odd", new Uint8Array(15)), specOf(1));
  await compiled.learn(made("empty", new Uint8Array(0)), specOf(1));
  await compiled.learn("gone", specOf(1));
  expect(compiled.apply(specOf(1)).annotations).toBeUndefined();
  const own = specOf(1, { [ANNOTATION]: "AAAA" });
  await compiled.learn(made("own", new Uint8Array(8)), own);
  expect(compiled.apply(own)).toBe(own);
  expect(compiled.apply(specOf(1)).annotations).toBeUndefined();
});
