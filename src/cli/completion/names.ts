// Names of the daemon's objects, for the shell to offer.
import type { CompletionKind } from "../command.ts";
import type { Cli } from "../context.ts";
import type { Candidate } from "./candidates.ts";

interface ContainerNames {
  Names?: string[] | null;
  Status?: string;
}

const LISTS: Readonly<Record<Exclude<CompletionKind, "files">, (cli: Cli) => Promise<Candidate[]>>> = {
  containers: (cli) => containers(cli, undefined),
  running: (cli) => containers(cli, ["running", "paused"]),
  stopped: (cli) => containers(cli, ["created", "exited", "dead"]),
  images,
  networks: async (cli) => (await cli.client().json<{ Name: string; Driver?: string }[]>("GET", "/networks")).map(({ Name, Driver }) => ({ word: Name, text: Driver })),
  volumes: async (cli) => ((await cli.client().json<{ Volumes?: { Name: string }[] | null }>("GET", "/volumes")).Volumes ?? []).map(({ Name }) => ({ word: Name })),
  contexts: async (cli) => [{ word: "default" }, ...cli.contexts().list().map(({ Name, Metadata }) => ({ word: Name, text: Metadata.Description }))],
  objects: async (cli) => (await Promise.all([containers(cli, undefined), images(cli), LISTS.volumes(cli), LISTS.networks(cli)])).flat(),
};

/** undefined: files. */
export async function namesOf(cli: Cli, kind: CompletionKind, current: string): Promise<readonly Candidate[] | undefined> {
  if (kind === "files" || current.startsWith("./") || current.startsWith("/")) return undefined;
  return (await LISTS[kind](cli)).toSorted((a, b) => (a.word < b.word ? -1 : 1));
}

async function containers(cli: Cli, states: readonly string[] | undefined): Promise<Candidate[]> {
  const filters = states === undefined ? undefined : JSON.stringify({ status: Object.fromEntries(states.map((state) => [state, true])) });
  const list = await cli.client().json<ContainerNames[]>("GET", "/containers/json", { query: { all: true, filters } });
  return list.flatMap(({ Names, Status }) => (Names ?? []).map((name) => name.replace(/^\//, "")).filter((name) => !name.includes("/")).map((word) => ({ word, text: Status })));
}

async function images(cli: Cli): Promise<Candidate[]> {
  const list = await cli.client().json<{ RepoTags?: string[] | null }[]>("GET", "/images/json");
  return list.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => !name.startsWith("<none>")).map((word) => ({ word }));
}
