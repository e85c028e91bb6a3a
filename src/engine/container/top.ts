// GET /containers/{id}/top: the host's ps, reduced to the container's processes.
import { internal, invalid } from "../../base/errors.ts";
import { runTool } from "../../linux/run-tool.ts";
import type { Engine } from "../engine.ts";
import { emitContainerEvent } from "./container-event.ts";
import { findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";

export interface TopTable {
  Titles: string[];
  Processes: string[][];
}

export async function containerTop(engine: Pick<Engine, "store" | "runtime" | "events">, name: string, { psArgs = "-ef" }: { psArgs?: string }): Promise<TopTable> {
  const args = psArgs === "" ? "-ef" : psArgs;
  checkArgs(args);
  const row = findContainer(engine, name);
  assertAllowed("top", row, name);
  const pids = await engine.runtime.pids(row.id);
  const { exitCode, stdout, stderr } = await runTool(["ps", ...withPid(args)]);
  if (exitCode !== 0) throw internal(`ps: ${stderr.replace(/\n[\s\S]*/, "").trim()}`);
  const table = parsePs(stdout, new Set(pids));
  emitContainerEvent(engine, row, "top");
  return table;
}

function withPid(args: string): string[] {
  return args.split(/\s+/).filter((arg) => arg !== "");
}

/** Columns must not be called PID without being it. */
function checkArgs(args: string): void {
  for (const [, format = ""] of args.matchAll(/-o\s*([^\s]+)/g)) {
    const renamed = /(?:^|,)([a-z_%]+)=PID(?:$|,)/i.exec(format)?.[1];
    if (renamed !== undefined && renamed.toLowerCase() !== "pid") throw invalid(`specifying "${renamed}=PID" is not allowed`);
  }
}

/** The last column takes what is left of the line. */
export function parsePs(output: string, pids: ReadonlySet<number>): TopTable {
  const [head = "", ...lines] = output.split("\n");
  const titles = fields(head);
  const place = titles.indexOf("PID");
  if (place < 0) throw internal("Couldn't find PID field in ps output");
  const processes = lines.filter((line) => line !== "").flatMap((line) => {
    const all = fields(line);
    const pid = all[place] ?? "";
    // a dash: a thread of the process above
    if (pid !== "-" && !pids.has(Number(pid))) return [];
    return [[...all.slice(0, titles.length - 1), all.slice(titles.length - 1).join(" ")]];
  });
  return { Processes: processes, Titles: titles };
}

function fields(line: string): string[] {
  return line.split(/\s+/).filter((field) => field !== "");
}
