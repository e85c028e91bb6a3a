// `manifest inspect`: the manifests that a registry has under a name, read through the daemon.
import { between, type Command } from "../../command.ts";
import type { Cli } from "../../context.ts";
import { failure, isDaemonError } from "../../failure.ts";
import { familiarName, fullName, type ImageName, parseImageName, withDefaultTag } from "../../image-name.ts";
import { indentJson, parseJson, writeJson } from "../../json-text.ts";
import { authHeader, credentialsFor } from "../../registry-auth.ts";
import { beyond } from "../../removal/read-plan.ts";
import { imagePath } from "../../short-id.ts";

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: object;
}

interface Found {
  List: boolean;
  Manifests: { Descriptor: Descriptor; Raw: string }[];
}

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

export const command: Command = {
  args: between(1, 2),
  flags: `
--insecure  Allow communication with an insecure registry
-v, --verbose  Output additional info including layers and platform
`,
  async run(cli, { args, flags }) {
    const name = withDefaultTag(parseImageName(args.at(-1)!));
    cli.console.out(`${await read(cli, name, flags.bool("verbose"))}\n`);
  },
};

async function read(cli: Cli, name: ImageName, verbose: boolean): Promise<string> {
  const headers = authHeader(credentialsFor(cli, name.registry));
  const path = imagePath(familiarName(name));
  try {
    const found = await beyond<Found | undefined>(cli, () => cli.client().json<Found>("GET", `/berth/v1/manifests/${path}`, { headers }));
    if (found) return verbose ? inFull(found, name) : inShort(found);
    // another engine does not show the manifest itself
    return writeJson(await cli.client().json("GET", `/distribution/${path}/json`, { headers }), { indent: "\t" });
  } catch (error) {
    if (isDaemonError(error) && error.detail["status"] === 404) throw failure(`no such manifest: ${fullName(name)}`);
    throw error;
  }
}

/** A list is put together anew from what it leads to, as Docker does. */
function inShort({ List, Manifests }: Found): string {
  if (!List) return indentJson(textOf(Manifests[0]?.Raw ?? ""), "\t");
  const manifests = Manifests.map(({ Descriptor: { mediaType, size, digest, platform } }) => ({ mediaType, size, digest, platform }));
  return writeJson({ schemaVersion: 2, mediaType: manifests[0]?.mediaType === OCI_MANIFEST ? OCI_INDEX : DOCKER_LIST, manifests }, { indent: "   " });
}

function inFull({ List, Manifests }: Found, name: ImageName): string {
  const shown = Manifests.map(({ Descriptor, Raw }) => ({
    Ref: fullName(List ? { ...name, digest: Descriptor.digest } : name),
    Descriptor,
    Raw,
    [Descriptor.mediaType === OCI_MANIFEST ? "OCIManifest" : "SchemaV2Manifest"]: parseJson(textOf(Raw)),
  }));
  return writeJson(List ? shown : shown[0], { indent: "\t", escapeHtml: true });
}

function textOf(raw: string): string {
  return Buffer.from(raw, "base64").toString("utf8");
}
