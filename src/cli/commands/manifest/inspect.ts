// `manifest inspect`: what a registry has under a name, read through the daemon.
import { between, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { familiarName, parseImageName, withDefaultTag } from "../../image-name.ts";
import { writeJson } from "../../json-text.ts";
import { authHeader, credentialsFor } from "../../registry-auth.ts";
import { imagePath } from "../../short-id.ts";

interface Distribution {
  Descriptor: { mediaType: string; digest: string; size: number };
  Platforms?: object[] | null;
}

export const command: Command = {
  args: between(1, 2),
  flags: `
--insecure  Allow communication with an insecure registry
-v, --verbose  Output additional info including layers and platform
`,
  async run(cli, { args }) {
    const name = withDefaultTag(parseImageName(args.at(-1)!));
    const answer = await cli.client().json<Distribution>("GET", `/distribution/${imagePath(familiarName(name))}/json`, { headers: authHeader(credentialsFor(cli, name.registry)) });
    if (!answer?.Descriptor) throw failure(`no such manifest: ${familiarName(name)}`);
    cli.console.out(`${writeJson(answer, { indent: "\t" })}\n`);
  },
};
