// GET /images/{name}/json
import { dirname } from "node:path";
import type { ImageRow } from "../../store/store.ts";
import type { ImageConfig, ImageRunConfig, Platform } from "../../wire/oci.ts";
import { rfc3339, ZERO_TIME } from "../clock.ts";
import type { Engine } from "../engine.ts";
import { familiarNames, namesOf, resolveImage } from "./names.ts";
import { assertPlatform } from "./platform.ts";

export function inspectImage({ store }: Pick<Engine, "store">, name: string, options: { manifests?: boolean; platform?: Platform } = {}): object {
  return store.view((tx) => {
    const { image } = resolveImage(tx, name);
    assertPlatform(image, name, options.platform);
    const { tags, digests } = familiarNames(namesOf(tx, image.id));
    const config = store.content.readJson<ImageConfig & { "os.version"?: string; variant?: string }>(image.id);
    return {
      Id: image.id,
      RepoTags: tags,
      RepoDigests: digests,
      Parent: image.parent ?? "",
      Comment: config.comment ?? lastComment(config),
      ...(image.created === "" ? {} : { Created: image.created }),
      DockerVersion: config.docker_version ?? "",
      Author: config.author ?? "",
      Architecture: image.architecture,
      ...(config.variant === undefined ? {} : { Variant: config.variant }),
      Os: image.os,
      ...(config["os.version"] === undefined ? {} : { OsVersion: config["os.version"] }),
      Size: image.sizeBytes,
      GraphDriver: { Data: overlayData(store, image), Name: "overlay2" },
      RootFS: { Type: "layers", Layers: image.diffIds },
      Metadata: { LastTagTime: image.lastTaggedMs === 0 ? ZERO_TIME : rfc3339(BigInt(image.lastTaggedMs) * 1_000_000n) },
      Config: runConfig(config.config ?? {}),
    };
  });
}

function lastComment(config: ImageConfig): string {
  return config.history?.at(-1)?.comment ?? "";
}

/** The members Docker always shows, null where the config is silent; the rest only where set. By name, as a Go map. */
function runConfig(config: ImageRunConfig): object {
  return {
    ...given("ArgsEscaped", config.ArgsEscaped === true ? true : undefined),
    Cmd: config.Cmd ?? null,
    Entrypoint: config.Entrypoint ?? null,
    Env: config.Env ?? null,
    ...given("ExposedPorts", config.ExposedPorts),
    ...given("Healthcheck", config.Healthcheck),
    Labels: config.Labels ?? null,
    OnBuild: config.OnBuild ?? null,
    ...given("Shell", config.Shell),
    ...given("StopSignal", config.StopSignal),
    User: config.User ?? "",
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? "",
  };
}

function given(name: string, value: unknown): object {
  return value === undefined || value === null || value === "" ? {} : { [name]: value };
}

function overlayData({ layers }: Engine["store"], image: ImageRow): object {
  // what every container has above its image is not the image's
  const added = new Set(layers.overlay("", []).lower);
  const [upper, ...below] = layers.overlay("", image.diffIds).lower.filter((path) => !added.has(path));
  if (upper === undefined) return {};
  const room = dirname(upper);
  return {
    ...(below.length === 0 ? {} : { LowerDir: below.join(":") }),
    MergedDir: `${room}/merged`,
    UpperDir: upper,
    WorkDir: `${room}/work`,
  };
}
