// `image NAME…`, or `--type image NAME…`: the kind of objects beside their names.
import { failure } from "../failure.ts";

const KINDS: readonly string[] = ["container", "image", "network", "volume"];

/** The first word is a kind when something follows it. An empty kind: look it up as inspect does. */
export function splitKind(args: readonly string[], type: string): { kind: string; names: readonly string[] } {
  if (type !== "" && !KINDS.includes(type)) throw failure(`unknown type ${JSON.stringify(type)}: choose from ${KINDS.join(", ")}`);
  const [first = "", ...rest] = args;
  if (type === "" && rest.length > 0 && KINDS.includes(first)) return { kind: first, names: rest };
  return { kind: type, names: args };
}
