// `context update`.
import { exactly, type Command } from "../../command.ts";
import { checkContextName } from "../../context-store.ts";
import { checkPairs, endpointOf, ENDPOINT_HELP } from "./docker-endpoint.ts";
import { readContext, saveContext } from "./stored-context.ts";

export const command: Command = {
  args: exactly(1),
  completes: "contexts",
  long: `Update a context\n${ENDPOINT_HELP}\n$ docker context update my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"\n`.trimEnd(),
  flags: `
--description string  Description of the context
--docker stringToString  set the docker endpoint (default [])
`,
  validators: { docker: checkPairs },
  async run(cli, { args, flags }) {
    const [name = ""] = args;
    checkContextName(name);
    const stored = readContext(cli, name);
    const description = flags.text("description");
    const endpoint = flags.list("docker").length > 0 ? endpointOf(cli, flags.list("docker"), "update") : {};
    saveContext(cli, name, { ...stored, metadata: description === "" ? stored.metadata : { ...stored.metadata, Description: description }, ...endpoint });
    cli.console.out(`${name}\n`);
    cli.console.err(`Successfully updated context ${JSON.stringify(name)}\n`);
  },
};
