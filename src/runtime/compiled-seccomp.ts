// crun compiles a container's seccomp profile anew each time, a third of its work. What it made of a profile once is
// handed to it with the next container of the same profile.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Spec } from "./oci-spec.ts";

/** crun(1): a filter in base64, taken instead of compiling the profile. */
const ANNOTATION = "run.oci.seccomp_bpf_data";
const MAX_FILTERS = 64;

export class CompiledSeccomp {
  /** By the profile's JSON, whole: a filter must never be taken for another's. */
  private readonly filters = new Map<string, string>();

  /** `stateDirectory`: where crun keeps what it knows of its containers. */
  constructor(private readonly stateDirectory: string) {}

  /** The spec with the compiled filter, if there is one. */
  apply(spec: Spec): Spec {
    const filter = this.filters.get(keyOf(spec) ?? "");
    return filter === undefined ? spec : { ...spec, annotations: { ...spec.annotations, [ANNOTATION]: filter } };
  }

  /** Of a container that crun has made: keeps its filter. */
  async learn(id: string, spec: Spec): Promise<void> {
    const key = keyOf(spec);
    if (key === undefined || this.filters.has(key) || this.filters.size >= MAX_FILTERS) return;
    // another version may keep it elsewhere or nowhere
    const filter = await readFile(join(this.stateDirectory, id, "seccomp.bpf")).catch(() => new Uint8Array(0));
    if (filter.length > 0 && filter.length % INSTRUCTION_BYTES === 0) this.filters.set(key, Buffer.from(filter).toString("base64"));
  }
}

const INSTRUCTION_BYTES = 8;

/** Undefined where there is nothing to compile, or the container's own annotation says what to take. */
function keyOf({ linux, annotations }: Spec): string | undefined {
  if (linux.seccomp === undefined || annotations?.[ANNOTATION] !== undefined) return undefined;
  return JSON.stringify(linux.seccomp);
}
