// A container's config as the API shows it: members in Docker's order, those always there with their zero.
import type { ContainerConfig } from "../../wire/docker.ts";

export function shownConfig(config: ContainerConfig): Record<string, unknown> {
  const c = config;
  return {
    Hostname: c.Hostname ?? "",
    Domainname: c.Domainname ?? "",
    User: c.User ?? "",
    AttachStdin: c.AttachStdin ?? false,
    AttachStdout: c.AttachStdout ?? false,
    AttachStderr: c.AttachStderr ?? false,
    ...given("ExposedPorts", c.ExposedPorts),
    Tty: c.Tty ?? false,
    OpenStdin: c.OpenStdin ?? false,
    StdinOnce: c.StdinOnce ?? false,
    Env: orNull(c.Env),
    Cmd: c.Cmd ?? null,
    ...given("Healthcheck", c.Healthcheck),
    ...(c.ArgsEscaped === true ? { ArgsEscaped: true } : {}),
    Image: c.Image ?? "",
    Volumes: c.Volumes ?? null,
    WorkingDir: c.WorkingDir ?? "",
    Entrypoint: c.Entrypoint ?? null,
    ...(c.NetworkDisabled === true ? { NetworkDisabled: true } : {}),
    OnBuild: c.OnBuild ?? null,
    Labels: c.Labels ?? {},
    ...given("StopSignal", c.StopSignal === "" ? undefined : c.StopSignal),
    ...given("StopTimeout", c.StopTimeout),
    ...given("Shell", (c.Shell?.length ?? 0) === 0 ? undefined : c.Shell),
  };
}

function orNull<T>(list: readonly T[] | null | undefined): readonly T[] | null {
  return list === null || list === undefined || list.length === 0 ? null : list;
}

function given(key: string, value: unknown): Record<string, unknown> {
  return value === undefined || value === null ? {} : { [key]: value };
}
