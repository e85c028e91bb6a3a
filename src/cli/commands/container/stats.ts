// `container stats`.
import { anyArguments, type Command, type Invocation } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, textOf } from "../../failure.ts";
import { renderRows } from "../../format.ts";
import { segment } from "../../short-id.ts";
import type { ContainerSummary } from "./container-row.ts";
import { measure, statsListing, statsRow, type Measure, type StatsSample } from "./stats-row.ts";
import type { EventMessage } from "../../../wire/docker.ts";

const REDRAW_MS = 500;

export const command: Command = {
  args: anyArguments,
  completes: "running",
  flags: `
-a, --all  Show all containers (default shows just running)
--format string  {format}
--no-stream  Disable streaming stats and only pull the first result
--no-trunc  Do not truncate output
`,
  async run(cli, invocation) {
    const { flags, args } = invocation;
    const format = flags.text("format") || cli.config().text("statsFormat") || "table";
    const names = args.length > 0 ? args : await listed(cli, flags.bool("all"));
    const watch = new Watch(cli);
    const done = names.map((name) => watch.add(name, !flags.bool("no-stream")));
    if (flags.bool("no-stream")) {
      await Promise.all(done);
      watch.throwFailures();
      cli.console.out(renderAll(watch, format, invocation));
      return;
    }
    await show(cli, watch, format, invocation, args.length === 0);
  },
};

async function listed(cli: Cli, all: boolean): Promise<string[]> {
  const containers = await cli.client().json<ContainerSummary[]>("GET", "/containers/json", { query: { all: all || undefined } });
  return containers.map((container) => container.Id);
}

function renderAll(watch: Watch, format: string, { flags }: Invocation): string {
  const rows = [...watch.latest.values()].map((latest) => statsRow(latest, !flags.bool("no-trunc")));
  return renderRows(statsListing, format, rows);
}

/** Redraws until every container has gone; without names, containers that start are added. */
async function show(cli: Cli, watch: Watch, format: string, invocation: Invocation, follow: boolean): Promise<void> {
  await watch.firstAnswers();
  if (!follow) watch.throwFailures();
  if (follow) void followEvents(cli, watch, invocation.flags.bool("all"));
  for (;;) {
    const text = renderAll(watch, format, invocation);
    cli.console.out(format.startsWith("table") ? `\x1b[H${text.replaceAll("\n", "\x1b[K\n")}\x1b[J` : text);
    if (!follow && watch.open === 0) return;
    await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}

async function followEvents(cli: Cli, watch: Watch, all: boolean): Promise<void> {
  for await (const event of cli.client().lines<EventMessage>("GET", "/events", { query: { filters: JSON.stringify({ type: { container: true } }) } })) {
    const id = event.Actor.ID;
    if (event.Action === (all ? "create" : "start")) void watch.add(id, true);
    if (event.Action === "destroy" || (!all && event.Action === "die")) watch.latest.delete(id);
  }
}

class Watch {
  readonly latest = new Map<string, Measure>();
  readonly #cli: Cli;
  readonly #failures: unknown[] = [];
  readonly #first: Promise<void>[] = [];
  open = 0;

  constructor(cli: Cli) {
    this.#cli = cli;
  }

  /** Resolves when the container's statistics have ended. */
  add(name: string, stream: boolean): Promise<void> {
    this.latest.set(name, { container: name });
    this.open++;
    const first = Promise.withResolvers<void>();
    this.#first.push(first.promise);
    return this.#read(name, stream, first.resolve)
      .catch((error: unknown) => {
        this.latest.delete(name);
        this.#failures.push(error);
      })
      .finally(() => {
        this.open--;
        first.resolve();
      });
  }

  async firstAnswers(): Promise<void> {
    await Promise.race([Promise.all(this.#first), new Promise((resolve) => setTimeout(resolve, 1500))]);
  }

  throwFailures(): void {
    if (this.#failures.length > 0) throw failure(this.#failures.map(textOf).join("\n"));
  }

  async #read(name: string, stream: boolean, answered: () => void): Promise<void> {
    for await (const sample of this.#cli.client().lines<StatsSample>("GET", `/containers/${segment(name)}/stats`, { query: { stream } })) {
      if (this.latest.has(name)) this.latest.set(name, measure(name, sample));
      answered();
    }
  }
}
