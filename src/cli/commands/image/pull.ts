// `image pull`.
import { exactly, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";
import { fullName, parseImageName, withDefaultTag } from "../../image-name.ts";
import { pullImage } from "./pull-image.ts";

export const command: Command = {
  args: exactly(1),
  completes: "images",
  flags: `
-a, --all-tags  Download all tagged images in the repository
--disable-content-trust  Skip image verification (default true)
--platform string  Set platform if server is multi-platform capable
-q, --quiet  Suppress verbose output
`,
  async run(cli, { args, flags }) {
    const given = parseImageName(args[0]!);
    const allTags = flags.bool("all-tags");
    const quiet = flags.bool("quiet");
    if (allTags && (given.tag !== undefined || given.digest !== undefined)) throw failure("tag can't be used with --all-tags/-a");
    const name = allTags ? given : withDefaultTag(given);
    if (name.tag !== given.tag && !quiet) cli.console.out(`Using default tag: ${name.tag}\n`);
    await pullImage(cli, name, { allTags, platform: flags.text("platform") || cli.env["DOCKER_DEFAULT_PLATFORM"], quiet, stream: "out" });
    cli.console.out(`${fullName(name)}\n`);
  },
};
