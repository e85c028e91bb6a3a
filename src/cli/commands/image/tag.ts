// `image tag`.
import { exactly, type Command } from "../../command.ts";
import { familiarRepository, parseImageName } from "../../image-name.ts";
import { failure, textOf } from "../../failure.ts";
import { imagePath } from "../../short-id.ts";

export const command: Command = {
  interspersed: false,
  args: exactly(2),
  completes: "images",
  async run(cli, { args }) {
    const [source = "", target = ""] = args;
    checkName(source, false);
    const name = checkName(target, true);
    if (name.digest !== undefined) throw failure("refusing to create a tag with a digest reference");
    await cli.client().json("POST", `/images/${imagePath(source)}/tag`, { query: { repo: familiarRepository(name), tag: name.tag ?? "latest" } });
  },
};

function checkName(text: string, isTarget: boolean) {
  try {
    return parseImageName(text);
  } catch (error) {
    if (!isTarget && /^(sha256:)?[0-9a-f]{64}$/.test(text)) return { registry: "", path: text };
    throw failure(`Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag: ${textOf(error)}`);
  }
}
