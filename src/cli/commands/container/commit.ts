// `container commit`.
import { between, type Command } from "../../command.ts";
import { parseImageName, familiarRepository } from "../../image-name.ts";
import { segment } from "../../short-id.ts";

export const command: Command = {
  interspersed: false,
  args: between(1, 2),
  completes: "containers",
  flags: `
-a, --author string  Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
-c, --change list  Apply Dockerfile instruction to the created image
-m, --message string  Commit message
-p, --pause  Pause container during commit (default true)
`,
  async run(cli, { args, flags }) {
    const [container = "", reference] = args;
    segment(container);
    const name = reference ? parseImageName(reference) : undefined;
    const { Id } = await cli.client().json<{ Id: string }>("POST", "/commit", {
      query: {
        container,
        repo: name ? familiarRepository(name) : undefined,
        tag: name ? (name.tag ?? "latest") : undefined,
        comment: flags.text("message") || undefined,
        author: flags.text("author") || undefined,
        changes: flags.list("change"),
        pause: flags.bool("pause") ? undefined : false,
      },
      body: {},
    });
    cli.console.out(`${Id}\n`);
  },
};
