// `graph`: what uses what, as a tree for people, as JSON, or for graphviz.
import { noArguments, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure } from "../../failure.ts";
import { writeJson } from "../../json-text.ts";
import { dotText, sumLayers, treeText, type Graph } from "../../removal/graph-text.ts";
import { sayEstimated } from "../../removal/say-estimated.ts";
import { beyond } from "../../removal/read-plan.ts";

export const command: Command = {
  args: noArguments,
  flags: `
--format string  'tree', 'json' or 'dot' (graphviz) (default "tree")
--layers  Show layers too
`,
  async run(cli, { flags }) {
    const format = flags.text("format");
    if (!["tree", "json", "dot"].includes(format)) throw failure(`unknown format ${JSON.stringify(format)}: choose from tree, json, dot`);
    const graph = await readGraph(cli);
    if (format === "json") cli.console.out(`${writeJson(graph)}\n`);
    else cli.console.out((format === "dot" ? dotText : treeText)(flags.bool("layers") ? graph : withoutLayers(graph)));
  },
};

async function readGraph(cli: Cli): Promise<Graph> {
  const graph = await beyond<Graph>(cli, () => cli.client().json("GET", "/berth/v1/graph"));
  if (graph) return graph;
  sayEstimated(cli);
  const [{ readFacts }, { estimateGraph }] = await Promise.all([import("../../estimate/facts.ts"), import("../../estimate/graph.ts")]);
  return estimateGraph(await readFacts(cli.client()));
}

/** An image then counts all that it stands on. */
function withoutLayers(graph: Graph): Graph {
  const { nodes, edges } = sumLayers(graph);
  const shown = nodes.filter((node) => node.kind !== "layer");
  const keys = new Set(shown.map((node) => node.key));
  return { nodes: shown, edges: edges.filter((edge) => keys.has(edge.from) && keys.has(edge.to)) };
}
