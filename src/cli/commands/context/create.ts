// `context create`.
import { exactly, type Command } from "../../command.ts";
import { checkContextName } from "../../context-store.ts";
import { contextName } from "../../endpoint.ts";
import { failure } from "../../failure.ts";
import { checkPairs, endpointOf, ENDPOINT_HELP } from "./docker-endpoint.ts";
import { readContext, saveContext } from "./stored-context.ts";

export const command: Command = {
  args: exactly(1),
  long: `Create a context\n${ENDPOINT_HELP}\n$ docker context create my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"\n`.trimEnd(),
  flags: `
--description string  Description of the context
--docker stringToString  set the docker endpoint (default [])
--from string  create context from a named context
`,
  validators: { docker: checkPairs },
  async run(cli, { args, flags }) {
    const [name = ""] = args;
    checkContextName(name);
    if (cli.contexts().find(name)) throw failure(`context ${JSON.stringify(name)} already exists`);
    const description = flags.text("description");
    if (flags.has("docker") && flags.has("from")) throw failure("cannot use --docker flag when --from is set");
    if (flags.list("docker").length > 0) {
      saveContext(cli, name, { metadata: description === "" ? {} : { Description: description }, ...endpointOf(cli, flags.list("docker"), "create") });
    } else {
      const source = readContext(cli, flags.text("from") || contextName(cli));
      saveContext(cli, name, { ...source, metadata: description === "" ? source.metadata : { ...source.metadata, Description: description } });
    }
    cli.console.out(`${name}\n`);
    cli.console.err(`Successfully created context ${JSON.stringify(name)}\n`);
  },
};
