// `image push`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { familiarRepository, fullName, parseImageName, withDefaultTag } from "../../image-name.ts";
import { showProgress, type ProgressMessage } from "../../progress.ts";
import { authHeader, credentialsFor } from "../../registry-auth.ts";
import { platformQuery } from "../../platform.ts";
import { imagePath } from "../../short-id.ts";

const PLATFORM_NOTE = `
 Info -> Using --platform pushes only the specified platform manifest of a multi-platform image index.
         Other components, like attestations, will not be included.
         To push the complete multi-platform image, remove the --platform flag.
${" ".repeat(9)}
`;

export const command: Command = {
  args: exactly(1),
  completes: "images",
  flags: `
-a, --all-tags  Push all tags of an image to the repository
--disable-content-trust  Skip image signing (default true)
--platform string  Push a platform-specific manifest as a single-platform image to the registry.
  Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
  'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)
-q, --quiet  Suppress verbose output
`,
  async run(cli, { args, flags }) {
    const platform = platformQuery(flags.text("platform"), `Invalid platform ${flags.text("platform")}`);
    const given = parseImageName(args[0]!);
    const allTags = flags.bool("all-tags");
    const quiet = flags.bool("quiet");
    if (allTags && given.tag !== undefined) throw failure("tag can't be used with --all-tags/-a");
    if (given.digest !== undefined) throw failure("cannot push a digest reference");
    const name = allTags ? given : withDefaultTag(given);
    if (name.tag !== given.tag && !quiet) cli.console.out(`Using default tag: ${name.tag}\n`);
    if (platform !== undefined) cli.console.out(PLATFORM_NOTE);
    const messages = cli.client().lines<ProgressMessage>("POST", `/images/${imagePath(familiarRepository(name))}/push`, {
      query: { tag: allTags ? undefined : name.tag, platform },
      headers: authHeader(credentialsFor(cli, name.registry)),
    });
    const target = quiet ? { ...cli, console: { ...cli.console, out: () => undefined, isTerminal: () => false } } : cli;
    await showProgress(target, messages, { stream: "out" });
    if (quiet) cli.console.out(`${fullName(name)}\n`);
  },
};
