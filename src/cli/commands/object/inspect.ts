// `inspect`: any object, looked for among containers, images, networks and volumes.
import { atLeast, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, isNotFound, textOf } from "../../failure.ts";
import { inspectObjects } from "../../inspect/inspect.ts";
import { imagePath, segment } from "../../short-id.ts";

const PATHS: Readonly<Record<string, (name: string) => string>> = {
  container: (name) => `/containers/${segment(name)}/json`,
  image: (name) => `/images/${imagePath(name)}/json`,
  network: (name) => `/networks/${segment(name)}`,
  volume: (name) => `/volumes/${segment(name)}`,
  plugin: (name) => `/plugins/${imagePath(name)}/json`,
};
const TYPES = ["config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"];

export const command: Command = {
  args: atLeast(1),
  completes: "objects",
  flags: `
-f, --format string  {inspect}
-s, --size  Display total file sizes if the type is container
--type string  Only inspect objects of the given type
`,
  run(cli, { args, flags }) {
    const type = flags.text("type");
    const size = flags.bool("size");
    if (flags.has("type") && !TYPES.includes(type)) {
      const list = TYPES.map((name) => JSON.stringify(name)).join(", ");
      throw failure(type === "" ? `type is empty: must be one of ${list}` : `unknown type: ${JSON.stringify(type)}: must be one of ${list}`);
    }
    return inspectObjects(cli, args, flags.text("format"), (name) => (type === "" ? findAny(cli, name, size) : readObject(cli, type, name, size)));
  },
};

async function findAny(cli: Cli, name: string, size: boolean): Promise<string> {
  for (const type of Object.keys(PATHS)) {
    try {
      return await readObject(cli, type, name, size);
    } catch (error) {
      if (!isNotFound(error) && !isElsewhere(error)) throw error;
    }
  }
  throw failure(`Error: No such object: ${name}`);
}

/** Complaints that only mean that it is not an object of this kind. */
function isElsewhere(error: unknown): boolean {
  return /This node is not a swarm manager|invalid reference format|invalid repository name|plugins are not supported|not implemented/i.test(textOf(error));
}

async function readObject(cli: Cli, type: string, name: string, size: boolean): Promise<string> {
  const path = PATHS[type] ?? ((object: string) => `/${type}s/${segment(object)}`);
  const text = await (await cli.client().open("GET", path(name), { query: { size: (size && type === "container") || undefined } })).text();
  if (size && type !== "container") cli.console.err(`WARNING: --size ignored for ${type}\n`);
  return text;
}
