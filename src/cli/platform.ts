// `os[/arch[/variant]]` of --platform, checked as Docker checks it before anything is asked.
import { arch } from "node:os";
import { architectureOf, architectureOfNode, KNOWN_ARCHITECTURES, KNOWN_SYSTEMS } from "../wire/platform.ts";
import { failure } from "./failure.ts";

const OS = "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.-]*)\\\\))?$";
const COMPONENT = "^[A-Za-z0-9_.-]+$";

/** The complaint about it, or undefined when it may be asked for. */
export function platformComplaint(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  const parts = text.split("/");
  if (parts.length > 3) return `${quoted}: cannot parse platform specifier: invalid argument`;
  const [os = "", ...others] = parts;
  if (!/^[\w-]+(\([\w.-]*\))?$/.test(os)) return `${JSON.stringify(os)} is an invalid OS component of ${quoted}: OSAndVersion specifier component must match "${OS}": invalid argument`;
  const bad = others.find((part) => !/^[\w.-]+$/.test(part));
  if (bad === undefined) return others.length > 0 || isKnown(os.toLowerCase()) ? undefined : `${quoted}: unknown operating system or architecture: invalid argument`;
  return `${JSON.stringify(bad)} is an invalid component of ${quoted}: platform specifier component must match "${COMPONENT}": invalid argument`;
}

function isKnown(word: string): boolean {
  return KNOWN_SYSTEMS.has(word) || KNOWN_ARCHITECTURES.has(architectureOf(word));
}

/** The platform as the API takes it: JSON. `before` stands in front of a complaint. */
export function platformQuery(text: string, before = ""): string | undefined {
  if (text === "") return undefined;
  const complaint = platformComplaint(text);
  if (complaint !== undefined) throw failure(before + complaint);
  const [first = "", second, variant] = text.toLowerCase().split("/");
  if (second === undefined && KNOWN_SYSTEMS.has(first)) return JSON.stringify({ architecture: architectureOfNode(arch()), os: first });
  const [os, architecture] = second === undefined ? ["linux", first] : [first, second];
  return JSON.stringify({ architecture: architectureOf(architecture), os, ...(variant ? { variant } : {}) });
}
