// Verifies docs/architecture.md: imports go down the floors, never up, sideways or behind a workshop's door; no cycles.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const FLOOR: Readonly<Record<string, number>> = { base: 0, wire: 0, linux: 0, store: 1, runtime: 1, network: 1, registry: 1, build: 1, engine: 2, api: 3, cli: 3, web: 3 };
const WORKSHOPS = new Set(["store", "runtime", "network", "registry", "build"]);
/** Files at the top of src/: what they may be imported by, and what they may import. */
const ROOTS = new Set(["main.ts", "daemon.ts"]);

export interface Import {
  from: string;
  to: string;
  /** `import type` vanishes at run time, so it makes no cycle. */
  typeOnly: boolean;
}

/** What is wrong with one import, or undefined. Paths are relative to src/. */
export function faultOf({ from, to }: Import): string | undefined {
  const [fromRoom, toRoom] = [roomOf(from), roomOf(to)];
  if (fromRoom === undefined) return undefined;
  if (toRoom === undefined) return ROOTS.has(to) ? `${from} imports ${to}: upward` : undefined;
  if (fromRoom === toRoom) return undefined;
  const [fromFloor, toFloor] = [FLOOR[fromRoom], FLOOR[toRoom]];
  if (fromFloor === undefined || toFloor === undefined) return `${from} imports ${to}: a room without a floor`;
  if (toFloor > fromFloor) return `${from} imports ${to}: upward`;
  if (fromFloor === 0 && toRoom !== "base") return `${from} imports ${to}: the ground may import base only`;
  if (fromFloor === toFloor && fromFloor > 0) return `${from} imports ${to}: sideways`;
  if (fromRoom === "cli" && toFloor > 0) return `${from} imports ${to}: the command line may import wire and base only`;
  if (fromRoom === "cli" && toRoom === "linux") return `${from} imports ${to}: the command line may import wire and base only`;
  if (fromRoom === "api" && WORKSHOPS.has(toRoom)) return `${from} imports ${to}: the api may not import a workshop`;
  if (WORKSHOPS.has(toRoom) && to !== `${toRoom}/${toRoom}.ts`) return `${from} imports ${to}: behind the door of ${toRoom}`;
  return undefined;
}

/** A cycle of run-time imports as a list of files, or undefined. */
export function findCycle(imports: readonly Import[]): string[] | undefined {
  const edges = new Map<string, string[]>();
  for (const each of imports) if (!each.typeOnly) edges.set(each.from, [...(edges.get(each.from) ?? []), each.to]);
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Relative imports of one file's text. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(import|export)\s+(type\s+)?[^;"']*?from\s+["'](\.[^"']+)["']|import\(\s*["'](\.[^"']+)["']\s*\)/g;
  for (const match of text.matchAll(pattern)) {
    const target = match[3] ?? match[4];
    // a dynamic import is late on purpose: it makes no cycle at load time
    if (target !== undefined) found.push({ from: file, to: normalize(join(dirname(file), target)), typeOnly: match[2] !== undefined || match[4] !== undefined });
  }
  return found;
}

function roomOf(file: string): string | undefined {
  const slash = file.indexOf("/");
  return slash < 0 ? undefined : file.slice(0, slash);
}

if (import.meta.main) {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("/testing/"));
  const imports = files.flatMap((file) => importsOf(file, readFileSync(join("src", file), "utf8")));
  const faults = imports.map(faultOf).filter((fault) => fault !== undefined);
  const cycle = findCycle(imports);
  if (cycle !== undefined) faults.push(`cycle: ${cycle.join(" → ")}`);
  for (const fault of faults) console.error(fault);
  console.log(`${files.length} files, ${imports.length} imports, ${faults.length} faults`);
  process.exit(faults.length === 0 ? 0 : 1);
}
