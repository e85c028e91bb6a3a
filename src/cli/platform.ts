// `os[/arch[/variant]]` of --platform, checked as Docker checks it before anything is asked.
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
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is an invalid component of ${quoted}: platform specifier component must match "${COMPONENT}": invalid argument`;
}

/** The platform as the API takes it: JSON. `before` stands in front of a complaint. */
export function platformQuery(text: string, before = ""): string | undefined {
  if (text === "") return undefined;
  const complaint = platformComplaint(text);
  if (complaint !== undefined) throw failure(before + complaint);
  const [os = "", architecture = "", variant] = text.includes("/") ? text.split("/") : ["linux", text];
  return JSON.stringify({ architecture, os, ...(variant ? { variant } : {}) });
}
