// Making a container for `run` and `create`: the image is pulled when it is missing, warnings go to stderr.
import type { Cli } from "../../context.ts";
import { failure, isNotFound, textOf } from "../../failure.ts";
import type { FlagValues } from "../../flags.ts";
import { familiarName, parseImageName, withDefaultTag, type ImageName } from "../../image-name.ts";
import { openCidFile } from "../../run/cid-file.ts";
import { createRequest } from "../../run/create-request.ts";
import { proxyVariables } from "../../run/proxy-variables.ts";
import { readText } from "../../run/read-text.ts";
import { platformComplaint } from "../../platform.ts";
import { pullImage } from "../image/pull-image.ts";
import type { CreateContainerRequest } from "../../../wire/docker.ts";

/** What the flags ask for; complaints about them are the command line's own, with exit code 125. */
export function requestOf(cli: Cli, flags: FlagValues, args: readonly string[]): CreateContainerRequest {
  checkPull(flags.text("pull"));
  const request = createRequest(flags, args, {
    environment: cli.env,
    readFile: readText,
    proxyEnv: proxyVariables(cli.config(), cli.client().endpoint.url, flags.list("env")),
  });
  const size = flags.bool("tty") ? cli.console.size("out") : undefined;
  if (size && request.HostConfig) request.HostConfig.ConsoleSize = [size.rows, size.columns];
  return request;
}

export async function createContainer(cli: Cli, flags: FlagValues, args: readonly string[], request: CreateContainerRequest): Promise<string> {
  const cidFile = openCidFile(flags.text("cidfile"));
  try {
    const id = await create(cli, flags, args[0]!, request);
    cidFile?.write(id);
    return id;
  } catch (error) {
    cidFile?.discard();
    throw error;
  }
}

async function create(cli: Cli, flags: FlagValues, imageText: string, request: CreateContainerRequest): Promise<string> {
  const image = imageToPull(imageText);
  const platform = flags.text("platform") || cli.env["DOCKER_DEFAULT_PLATFORM"] || undefined;
  if (platform !== undefined) checkPlatform(platform);
  const pull = async () => {
    if (image) await pullImage(cli, image, { platform, quiet: flags.bool("quiet"), stream: "err" });
  };
  if (flags.text("pull") === "always") await pull();
  const post = () => cli.client().json<{ Id: string; Warnings: string[] | null }>("POST", "/containers/create", { query: { name: flags.text("name") || undefined, platform }, body: request });
  const answer = await post().catch(async (error: unknown) => {
    if (!isNotFound(error) || image === undefined || flags.text("pull") !== "missing" || !/No such image|does not match the specified platform/.test(textOf(error))) throw error;
    if (!flags.bool("quiet")) cli.console.err(`Unable to find image '${familiarName(image)}' locally\n`);
    await pull();
    return post();
  });
  for (const warning of answer.Warnings ?? []) cli.console.err(`WARNING: ${warning}\n`);
  return answer.Id;
}

function checkPlatform(text: string): void {
  const complaint = platformComplaint(text);
  if (complaint !== undefined) throw failure(`error parsing specified platform: ${complaint}`);
}

function checkPull(pull: string): void {
  if (!["always", "missing", "never", ""].includes(pull)) throw failure(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`);
}

/** An image given by ID is never pulled. */
function imageToPull(text: string): ImageName | undefined {
  try {
    return withDefaultTag(parseImageName(text));
  } catch (error) {
    if (/^(sha256:)?[0-9a-f]{64}$/.test(text)) return undefined;
    throw error;
  }
}
