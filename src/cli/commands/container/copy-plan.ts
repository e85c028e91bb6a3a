// Which directory a copied archive is unpacked in, and what its root is called there. Docker's rules, pure.
import { posix } from "node:path";
import { failure } from "../../failure.ts";

export interface CopyEnd {
  readonly path: string;
  readonly exists: boolean;
  readonly isDirectory: boolean;
  /** The name under which a followed link was asked for. */
  readonly rebase?: string;
}

export interface CopyPlan {
  readonly directory: string;
  readonly rename?: { readonly from: string; readonly to: string };
}

export function prepareCopy(source: CopyEnd, target: CopyEnd): CopyPlan {
  const { directory, base } = splitEntry(target.path);
  const from = splitEntry(source.path).base;
  if (target.exists && target.isDirectory) return { directory: target.path, ...(source.rebase === undefined ? {} : { rename: { from, to: source.rebase } }) };
  if (target.exists && source.isDirectory) throw failure("cannot copy directory");
  if (!target.exists && !source.isDirectory && /\/\.?$/.test(target.path)) throw failure("no such directory");
  return { directory, rename: { from, to: base } };
}

/** Directory and last part; `a/b/.` ends in ".". */
export function splitEntry(path: string): { directory: string; base: string } {
  const clean = posix.normalize(path).replace(/(.)\/$/, "$1");
  if (path.endsWith("/.") || path === ".") return { directory: clean, base: "." };
  return { directory: posix.dirname(clean), base: posix.basename(clean) || "/" };
}
