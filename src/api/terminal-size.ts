// The h and w of the resize routes.
import { invalid } from "../base/errors.ts";
import type { Query } from "./request.ts";

export function sizeOf(query: Query): { height: number; width: number } {
  return { height: dimension(query, "h", "height"), width: dimension(query, "w", "width") };
}

function dimension(query: Query, name: string, title: string): number {
  const text = query.text(name);
  if (!/^\d+$/.test(text)) throw invalid(`invalid resize ${title} ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (value > 0xffff_ffff) throw invalid(`invalid resize ${title} ${JSON.stringify(text)}: value out of range`);
  return value;
}
