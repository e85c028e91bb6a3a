// `system events`, `events`.
import { noArguments, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { filterQuery } from "../../filter-flags.ts";
import { writeJson } from "../../json-text.ts";
import { compileTemplate, executeTemplate } from "../../template/execute.ts";
import { rfc3339Nano } from "../../time-text.ts";
import { timeQuery } from "../../time-query.ts";

interface Message {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes?: Record<string, string> | null };
  time?: number;
  timeNano?: number | bigint;
  [key: string]: unknown;
}

export const command: Command = {
  args: noArguments,
  flags: `
-f, --filter filter  Filter output based on conditions provided
--format string  {inspect}
--since string  Show all events created since timestamp
--until string  Stream events until this timestamp
`,
  async run(cli, { flags }) {
    const write = lineWriter(flags.text("format"));
    const query = { since: timeQuery(flags.text("since")), until: timeQuery(flags.text("until")), filters: filterQuery(flags.list("filter")) };
    for await (const message of cli.client().lines<Message>("GET", "/events", { query })) cli.console.out(write(message));
  },
};

function lineWriter(format: string): (message: Message) => string {
  if (format === "") return plainLine;
  if (format === "json") return (message) => `${writeJson(message)}\n`;
  const template = attempt(() => compileTemplate(format), 64);
  return (message) => {
    const data = goNames(message);
    return `${attempt(() => executeTemplate(template, data, { structTypes: new Map([[data, "*events.Message"]]) }), 1)}\n`;
  };
}

/** Fields as Go names them; `{{json .}}` still writes the wire's names. */
function goNames(message: Message): object {
  const named = { ...message, Scope: message["scope"], Time: message.time, TimeNano: message.timeNano, Status: message["status"], ID: message["id"], From: message["from"] };
  return Object.defineProperty(named, "toJSON", { value: () => message, enumerable: false });
}

function attempt<T>(act: () => T, exitCode: number): T {
  try {
    return act();
  } catch (error) {
    throw failure(`Error parsing format: ${error instanceof Error ? error.message : String(error)}`, exitCode);
  }
}

export function plainLine({ Type, Action, Actor, time = 0, timeNano }: Message): string {
  const nanos = timeNano === undefined || timeNano === 0 ? BigInt(time) * 1_000_000_000n : BigInt(timeNano);
  const attributes = Object.entries(Actor.Attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`);
  return `${rfc3339Nano(nanos)} ${Type} ${Action} ${Actor.ID}${attributes.length > 0 ? ` (${attributes.join(", ")})` : ""}\n`;
}
