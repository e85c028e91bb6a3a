// Platforms in parameters: `os/arch[/variant]` text, or OCI platform objects as JSON.
import { invalid } from "../base/errors.ts";
import type { Platform } from "../wire/oci.ts";

/** One JSON object. */
export function parsePlatformJson(text: string): Platform {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const first = text.trim()[0];
    throw invalid(`failed to parse platform: ${first === undefined ? "unexpected end of JSON input" : `invalid character '${first}' looking for beginning of value`}`);
  }
  const { os, architecture, variant } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (typeof os !== "string" || typeof architecture !== "string" || os === "" || architecture === "") throw invalid("both OS and Architecture must be provided");
  return { os, architecture, ...(typeof variant === "string" && variant !== "" ? { variant } : {}) };
}

/** JSON → `os/arch[/variant]`. */
export function platformText(text: string): string {
  const { os, architecture, variant } = parsePlatformJson(text);
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}
