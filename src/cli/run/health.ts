// --health-* and --no-healthcheck.
import type { HealthcheckConfig } from "../../wire/oci.ts";
import { failure } from "../failure.ts";
import type { FlagValues } from "../flags.ts";
import { parseGoDurationNs } from "../units.ts";

export function healthOf(flags: FlagValues): HealthcheckConfig | undefined {
  const duration = (name: string) => parseGoDurationNs(flags.text(name) || "0");
  const command = flags.text("health-cmd");
  const config = {
    Interval: duration("health-interval"),
    Timeout: duration("health-timeout"),
    StartPeriod: duration("health-start-period"),
    StartInterval: duration("health-start-interval"),
    Retries: flags.number("health-retries"),
  };
  const given = command !== "" || Object.values(config).some((value) => value !== 0);
  if (flags.bool("no-healthcheck")) {
    if (given) throw failure("--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  if (!given) return undefined;
  const names = { Interval: "interval", Timeout: "timeout", Retries: "retries", StartPeriod: "start-period", StartInterval: "start-interval" } as const;
  for (const [key, name] of Object.entries(names)) if (config[key as keyof typeof names] < 0) throw failure(`--health-${name} cannot be negative`);
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== 0));
  return { ...(command === "" ? {} : { Test: ["CMD-SHELL", command] }), ...set };
}
