// Command lines about flags and numbers of arguments, made from Docker's own help texts: none of them reaches an object.
import { runClient } from "../docker-cli.ts";

interface HelpFlag {
  name: string;
  short: string | undefined;
  /** "" is a switch. */
  type: string;
}

/** Never end, or ask a registry. */
const WAITING: readonly string[] = ["events", "system events", "stats", "container stats", "search", "login", "logout", "system dial-stdio"];

/** Every command of Docker's client that `has` too: `ps`, `container ls`, … */
export async function dockerCommands(has: (path: string) => Promise<boolean>): Promise<string[]> {
  const paths: string[] = [];
  for (const word of commandsIn(await help(""))) {
    if (!(await has(word))) continue;
    const verbs = commandsIn(await help(word));
    if (verbs.length === 0) paths.push(word);
    for (const verb of verbs) if (await has(`${word} ${verb}`)) paths.push(`${word} ${verb}`);
  }
  return paths;
}

export async function usageLines(path: string): Promise<string[]> {
  const text = await help(path);
  const lines = [`docker ${path} --help`, `docker help ${path}`, `docker ${path} --no-such-flag`, `docker ${path} --no-such-flag=1 x`, `docker ${path} -Y`, `docker ${path} -aY x y`];
  if (!WAITING.includes(path)) lines.push(`docker ${path}`);
  if (!/\.\.\.\]?$/m.test(usageOf(text))) lines.push(`docker ${path} a b c d e f`);
  for (const flag of flagsIn(text)) lines.push(...flagLines(path, flag));
  return lines;
}

function flagLines(path: string, flag: HelpFlag): string[] {
  const lines: string[] = [];
  if (flag.type === "") lines.push(`docker ${path} --${flag.name}=maybe`);
  else {
    lines.push(`docker ${path} --${flag.name}`);
    if (flag.short !== undefined) lines.push(`docker ${path} -${flag.short}`);
    if (!["string", "list", "stringSlice"].includes(flag.type)) {
      lines.push(`docker ${path} --${flag.name}=nonsense!`);
      if (!WAITING.includes(path)) lines.push(`docker ${path} --${flag.name} ''`);
    }
  }
  return lines;
}

async function help(path: string): Promise<string> {
  const { stdout } = await runClient(["docker"], [...path.split(" ").filter((word) => word !== ""), "--help"], { env: { DOCKER_HOST: "unix:///nowhere" } });
  return stdout;
}

function commandsIn(text: string): string[] {
  const found: string[] = [];
  let inside = false;
  for (const line of text.split("\n")) {
    if (/^\S.*:$/.test(line)) inside = line.endsWith("Commands:");
    const word = inside ? /^ {2}([a-z-]+)\*? /.exec(line)?.[1] : undefined;
    if (word !== undefined) found.push(word);
  }
  return found;
}

function flagsIn(text: string): HelpFlag[] {
  return [...text.matchAll(/^ {2}(?:-(\w), | {4})--([a-z0-9-]+)(?: (\S+))?(?: {2,}|$)/gm)].map(([, short, name = "", type = ""]) => ({ name, short, type }));
}

function usageOf(text: string): string {
  return /^Usage: .*/m.exec(text)?.[0] ?? "";
}
