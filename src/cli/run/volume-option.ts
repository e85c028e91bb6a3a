// -v: `target` makes an anonymous volume, `source:target[:options]` a bind.
import { resolve } from "node:path";
import { failure } from "../failure.ts";

export interface Volumes {
  /** Targets of anonymous volumes. */
  readonly anonymous: Record<string, object>;
  readonly binds: string[];
}

export function parseVolumes(texts: readonly string[]): Volumes {
  const volumes: Volumes = { anonymous: {}, binds: [] };
  for (const text of new Set(texts)) {
    if (text.length === 1 || text.length === 2) {
      volumes.anonymous[text] = {}; // too short for anything but a path
      continue;
    }
    if (text === "") throw failure("invalid empty volume spec");
    const parts = sectionsOf(text);
    if (parts.some((part) => part === "")) throw failure(`invalid spec: ${text}: empty section between colons`);
    if (parts.length === 1) volumes.anonymous[text] = {};
    else volumes.binds.push(absoluteSource(text));
  }
  return volumes;
}

/** Docker takes a single letter for a Windows drive, here too: its colon separates nothing. */
function sectionsOf(text: string): string[] {
  const sections: string[] = [];
  let section = "";
  for (const char of text) {
    if (char === ":" && !/^\p{L}$/u.test(section)) {
      sections.push(section);
      section = "";
    } else section += char;
  }
  return [...sections, section];
}

function absoluteSource(text: string): string {
  if (!text.startsWith(".")) return text;
  const colon = text.indexOf(":");
  return resolve(text.slice(0, colon)) + text.slice(colon);
}
