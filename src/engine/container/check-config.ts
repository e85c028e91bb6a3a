// Checks of a container's own config, in Docker's words. Pure.
import { invalid } from "../../base/errors.ts";
import type { ContainerConfig } from "../../wire/docker.ts";
import type { HealthcheckConfig } from "../../wire/oci.ts";
import { parseSignal } from "./signals.ts";

export function checkConfig(config: ContainerConfig): void {
  const directory = config.WorkingDir ?? "";
  if (directory !== "" && !directory.startsWith("/")) throw invalid(`the working directory '${directory}' is invalid, it needs to be an absolute path`);
  if ((config.StopSignal ?? "") !== "") parseSignal(config.StopSignal ?? "");
  for (const entry of config.Env ?? []) if (entry === "" || entry.startsWith("=")) throw invalid(`invalid environment variable: ${entry}`);
  for (const port of Object.keys(config.ExposedPorts ?? {})) checkExposed(port);
  checkHealthcheck(config.Healthcheck);
}

function checkExposed(port: string): void {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(port);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || last > 65535 || last < first) throw invalid(`invalid port specification: "${port}"`);
}

const MIN_NS = 1_000_000;

export function checkHealthcheck(check: HealthcheckConfig | null | undefined): void {
  if (check === null || check === undefined) return;
  for (const key of ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const) {
    const value = check[key] ?? 0;
    if (value !== 0 && value < MIN_NS) throw invalid(`${key} in Healthcheck cannot be less than 1ms`);
  }
  if ((check.Retries ?? 0) < 0) throw invalid("Retries in Healthcheck cannot be negative");
  const kind = check.Test?.[0] ?? "";
  if (kind !== "" && !["NONE", "CMD", "CMD-SHELL"].includes(kind)) throw invalid(`Unknown healthcheck type '${kind}' (expected 'CMD')`);
}
