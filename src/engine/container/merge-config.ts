// A request's config laid over its image's: pure, as Docker merges them.
import { invalid } from "../../base/errors.ts";
import type { ContainerConfig } from "../../wire/docker.ts";
import type { HealthcheckConfig, ImageRunConfig } from "../../wire/oci.ts";

/** The request wins; lists of variables, labels, ports and volumes are joined. Entrypoint and Cmd go together. */
export function mergeConfig(given: ContainerConfig, image: ImageRunConfig): ContainerConfig {
  const merged: ContainerConfig = {
    ...given,
    User: given.User || (image.User ?? ""),
    Env: mergeEnv(given.Env ?? [], image.Env ?? []),
    Labels: { ...image.Labels, ...given.Labels },
    WorkingDir: given.WorkingDir || (image.WorkingDir ?? ""),
    ...processOf(given, image),
  };
  assign(merged, "ExposedPorts", joined(given.ExposedPorts, image.ExposedPorts));
  merged.Volumes = joined(given.Volumes, image.Volumes) ?? null;
  assign(merged, "StopSignal", given.StopSignal || image.StopSignal || undefined);
  assign(merged, "StopTimeout", given.StopTimeout ?? image.StopTimeout);
  assign(merged, "Healthcheck", mergeHealthcheck(given.Healthcheck, image.Healthcheck));
  assign(merged, "Shell", given.Shell ?? image.Shell ?? undefined);
  return merged;
}

function processOf(given: ContainerConfig, image: ImageRunConfig): { Entrypoint: string[] | null; Cmd: string[] | null } {
  let entrypoint = given.Entrypoint ?? null;
  let cmd = given.Cmd ?? null;
  if ((entrypoint?.length ?? 0) === 0) {
    if ((cmd?.length ?? 0) === 0) cmd = image.Cmd ?? null;
    entrypoint ??= image.Entrypoint ?? null;
  }
  // [""] is how a client says: without the image's entrypoint
  if (entrypoint?.length === 1 && entrypoint[0] === "") entrypoint = null;
  if ((entrypoint?.length ?? 0) === 0 && (cmd?.length ?? 0) === 0) throw invalid("no command specified");
  return { Entrypoint: entrypoint, Cmd: cmd };
}

/** Path and arguments of the process. */
export function commandOf(config: ContainerConfig): { path: string; args: string[] } {
  const [path = "", ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return { path, args };
}

const keyOf = (entry: string): string => entry.split("=", 1)[0] ?? entry;

function mergeEnv(given: readonly string[], image: readonly string[]): string[] {
  const named = new Set(given.map(keyOf));
  return [...given, ...image.filter((entry) => !named.has(keyOf(entry)))];
}

function mergeHealthcheck(given: HealthcheckConfig | null | undefined, image: HealthcheckConfig | null | undefined): HealthcheckConfig | undefined {
  if (given === null || given === undefined) return image ?? undefined;
  if (image === null || image === undefined) return given;
  const merged: HealthcheckConfig = { Test: (given.Test?.length ?? 0) > 0 ? given.Test! : (image.Test ?? []) };
  for (const key of ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"] as const) {
    const value = given[key] || image[key];
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

function joined<T extends object>(given: Record<string, T> | null | undefined, image: Record<string, T> | null | undefined): Record<string, T> | undefined {
  const all = { ...image, ...given };
  return Object.keys(all).length === 0 ? undefined : all;
}

function assign<K extends keyof ContainerConfig>(config: ContainerConfig, key: K, value: ContainerConfig[K] | undefined): void {
  if (value === undefined) delete config[key];
  else config[key] = value;
}
