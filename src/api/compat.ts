// What older API versions said differently. Verbs answer as 1.51; these turn an answer back.
import { invalid } from "../base/errors.ts";
import { sortedByKey } from "../base/sorted-by-key.ts";
import type { CreateContainerRequest } from "../wire/docker.ts";
import type { ImageSummary } from "../engine/image/read.ts";

export function imageSummaryFor(version: number, image: ImageSummary): object {
  const summary: Record<string, unknown> = { ...image };
  if (version < 51) summary["Containers"] = -1;
  if (version < 44) summary["VirtualSize"] = image.Size;
  if (version < 43) Object.assign(summary, oldNames(image));
  return summary;
}

function oldNames({ RepoTags, RepoDigests }: ImageSummary): object {
  if (RepoTags.length === 0 && RepoDigests.length === 0) return { RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] };
  return { RepoTags: RepoTags.length === 0 ? null : RepoTags, RepoDigests: RepoDigests.length === 0 ? null : RepoDigests };
}

export function imageInspectFor(version: number, image: object): object {
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(image)) {
    if (name === "DockerVersion") {
      // before 1.44, a time was always there
      if (version < 44) changed["Created"] ??= "0001-01-01T00:00:00Z";
      if (version < 45) changed["ContainerConfig"] = EMPTY_CONFIG;
    }
    changed[name] = name === "Config" && version < 50 ? sortedByKey({ ...UNUSED_CONFIG, ...(value as object) }) : value;
    if (name === "Size" && version < 44) changed["VirtualSize"] = value;
  }
  return changed;
}

/** What an image's config has of a container's, and never used. */
const UNUSED_CONFIG = { Hostname: "", Domainname: "", AttachStdin: false, AttachStdout: false, AttachStderr: false, Tty: false, OpenStdin: false, StdinOnce: false, Image: "" } as const;

const EMPTY_CONFIG = {
  Hostname: "",
  Domainname: "",
  User: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: "",
  Volumes: null,
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
} as const;

/** Requests of older clients meant other things by silence. */
export function createRequestFrom(version: number, body: CreateContainerRequest): CreateContainerRequest {
  const endpoints = Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {}).toSorted();
  if (version < 44 && endpoints.length > 1) throw invalid(`Container cannot be created with multiple network endpoints: ${endpoints.join(", ")}`);
  const host = { ...body.HostConfig };
  if (version < 40 && (host.IpcMode ?? "") === "") host.IpcMode = "shareable";
  if (version < 41 && (host.CgroupnsMode ?? "") === "") host.CgroupnsMode = "host";
  if (version < 42) delete host.ConsoleSize;
  if (host.PidsLimit !== undefined && host.PidsLimit !== null && host.PidsLimit <= 0) delete host.PidsLimit;
  return { ...body, HostConfig: host };
}

/** Streams without a terminal carry frames; since 1.42 their content type says so. */
export function streamType(version: number, tty: boolean): string {
  return !tty && version >= 42 ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
}
