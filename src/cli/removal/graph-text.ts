// The graph of objects as text: a tree that has what is used above what uses it, and graphviz's language.
import { shortId } from "../short-id.ts";
import { humanSize } from "../units.ts";

export interface GraphNode {
  readonly key: string;
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly bytes?: number;
  readonly state?: string;
  readonly inUse?: boolean;
}

/** `from` needs or names `to`. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly how: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const ORDER: readonly string[] = ["network", "volume", "layer", "image", "container", "tag", "pin"];

/** Roots are what needs nothing; a node that needs several things is shown under each, its own users only once. */
export function treeText({ nodes, edges }: Graph): string {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const users = new Map<string, GraphEdge[]>();
  for (const edge of edges) users.set(edge.to, [...(users.get(edge.to) ?? []), edge]);
  const needing = new Set(edges.map((edge) => edge.from));
  const seen = new Set<string>();
  const lines: string[] = [];
  const walk = (key: string, lead: string) => {
    if (seen.has(key)) return;
    seen.add(key);
    const below = (users.get(key) ?? []).filter((edge) => byKey.has(edge.from)).toSorted((a, b) => compare(byKey.get(a.from)!, byKey.get(b.from)!));
    for (const [index, edge] of below.entries()) {
      const last = index === below.length - 1;
      lines.push(`${lead}${last ? "└─ " : "├─ "}${labelOf(byKey.get(edge.from)!)} ${edge.how} it`);
      walk(edge.from, `${lead}${last ? "   " : "│  "}`);
    }
  };
  for (const node of nodes.filter((candidate) => !needing.has(candidate.key)).toSorted(compare)) {
    lines.push(labelOf(node));
    walk(node.key, "");
  }
  return lines.map((line) => `${line}\n`).join("");
}

function compare(a: GraphNode, b: GraphNode): number {
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function labelOf({ kind, id, name, bytes, state, inUse }: GraphNode): string {
  const known = name === id || kind === "tag" || kind === "pin" || name === shortId(id) ? "" : shortId(id);
  const facts = [known, bytes === undefined ? "" : humanSize(bytes), state ?? "", inUse === false ? "unused" : ""].filter((fact) => fact !== "");
  return `${kind} ${kind === "layer" ? shortId(id) : name}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}

/** The bytes of an image with all layers below it. */
export function sumLayers({ nodes, edges }: Graph): Graph {
  const below = new Map<string, string[]>();
  for (const edge of edges) if (edge.how === "stands on") below.set(edge.from, [...(below.get(edge.from) ?? []), edge.to]);
  const bytes = new Map(nodes.map((node) => [node.key, node.bytes ?? 0]));
  const total = (key: string): number => (bytes.get(key) ?? 0) + (below.get(key) ?? []).reduce((sum, next) => sum + total(next), 0);
  return { nodes: nodes.map((node) => (node.kind === "image" ? { ...node, bytes: total(node.key) } : node)), edges };
}

export function dotText({ nodes, edges }: Graph): string {
  const shapes: Readonly<Record<string, string>> = { image: "box3d", tag: "note", layer: "box", container: "component", volume: "cylinder", network: "hexagon", pin: "diamond" };
  const lines = [
    ...nodes.map((node) => `  ${quoted(node.key)} [label=${quoted(labelOf(node))}, shape=${shapes[node.kind] ?? "ellipse"}];`),
    ...edges.map((edge) => `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label=${quoted(edge.how)}];`),
  ];
  return `digraph berth {\n  rankdir=LR;\n${lines.join("\n")}\n}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
