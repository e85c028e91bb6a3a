// Pulling an image with the user's credentials, shown as it goes: `pull`, `run` and `create`.
import type { Cli } from "../../context.ts";
import { familiarRepository, type ImageName } from "../../image-name.ts";
import { showProgress, type ProgressMessage } from "../../progress.ts";
import { authHeader, credentialsFor } from "../../registry-auth.ts";

export interface PullOptions {
  readonly allTags?: boolean;
  readonly platform?: string;
  readonly quiet?: boolean;
  readonly stream: "out" | "err";
}

export async function pullImage(cli: Cli, name: ImageName, { allTags, platform, quiet, stream }: PullOptions): Promise<void> {
  const messages = cli.client().lines<ProgressMessage>("POST", "/images/create", {
    query: { fromImage: familiarRepository(name), tag: allTags ? undefined : (name.digest ?? name.tag), platform: platform || undefined },
    headers: authHeader(credentialsFor(cli, name.registry)),
  });
  if (!quiet) return showProgress(cli, messages, { stream });
  const silent: Cli = { ...cli, console: { ...cli.console, out: () => undefined, err: () => undefined, isTerminal: () => false } };
  await showProgress(silent, messages, { stream });
}
