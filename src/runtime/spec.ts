// What the engine knows of a container → the OCI spec its runtime is given, as Docker writes it. Pure but for what `host` reads.
import { notImplemented } from "../base/errors.ts";
import type { Spec, SpecInput } from "./oci-spec.ts";

export function createSpec(_input: SpecInput): Spec {
  throw notImplemented("createSpec");
}
