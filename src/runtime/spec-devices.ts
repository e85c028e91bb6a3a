// Devices of a container and the rules of its device cgroup. Pure but for `host`.
import { internal, invalid } from "../base/errors.ts";
import type { DeviceMapping, DeviceRequest, HostConfig } from "../wire/docker.ts";
import type { SpecDevice, SpecDeviceRule } from "./oci-spec.ts";
import type { SpecHost } from "./spec-host.ts";

const ALLOW_EVERYTHING: SpecDeviceRule = { allow: true, access: "rwm" };

const BASE_RULES: readonly SpecDeviceRule[] = [
  { allow: false, access: "rwm" },
  // zero, null, urandom, random; tty, console
  ...([[1, 5], [1, 3], [1, 9], [1, 8], [5, 0], [5, 1]] as const).map(([major, minor]): SpecDeviceRule => ({ allow: true, type: "c", major, minor, access: "rwm" })),
  // fuse
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

interface Devices {
  devices: SpecDevice[];
  rules: SpecDeviceRule[];
}

export function specDevices(hostConfig: HostConfig, host: SpecHost): Devices {
  const devices = devicesOf(hostConfig, host);
  for (const request of hostConfig.DeviceRequests ?? []) refuse(request);
  return devices;
}

function devicesOf(hostConfig: HostConfig, host: SpecHost): Devices {
  const mappings = hostConfig.Devices ?? [];
  if (hostConfig.Privileged === true) {
    const renamed = mappings.filter((mapping) => containerPath(mapping) !== mapping.PathOnHost);
    // the runtime makes /dev/ptmx itself, as a link into the container's own /dev/pts
    const all = (host.devices("/dev") ?? []).filter(({ path }) => path !== "/dev/ptmx");
    return { devices: [...all, ...renamed.flatMap((mapping) => mapped(mapping, host))], rules: [...BASE_RULES, ALLOW_EVERYTHING] };
  }
  const found = mappings.map((mapping) => ({ mapping, devices: mapped(mapping, host) }));
  return {
    devices: found.flatMap(({ devices }) => devices),
    rules: [
      ...BASE_RULES,
      ...found.flatMap(({ mapping, devices }) => devices.map(({ type, major, minor }) => ruleOf(type, major, minor, mapping.CgroupPermissions || "rwm"))),
      ...(hostConfig.DeviceCgroupRules ?? []).map(parseRule),
    ],
  };
}

/** There are no device drivers here, and no files that describe CDI devices are read: what asks for them cannot be honoured. */
function refuse({ Driver, DeviceIDs, Capabilities }: DeviceRequest): void {
  if (Driver !== "cdi") throw internal(`could not select device driver ${JSON.stringify(Driver)} with capabilities: [${(Capabilities ?? []).map((all) => `[${(all ?? []).join(" ")}]`).join(" ")}]`);
  if ((DeviceIDs ?? []).length > 0) throw internal(`CDI device injection failed: unresolvable CDI devices ${(DeviceIDs ?? []).join(", ")}`);
}

function containerPath(mapping: DeviceMapping): string {
  return mapping.PathInContainer || mapping.PathOnHost;
}

function mapped(mapping: DeviceMapping, host: SpecHost): SpecDevice[] {
  const failure = `error gathering device information while adding custom device ${JSON.stringify(mapping.PathOnHost)}`;
  const devices = mapping.PathOnHost === "" ? undefined : host.devices(mapping.PathOnHost);
  if (devices === undefined) throw internal(`${failure}: no such file or directory`);
  if (devices.length === 0) throw internal(`${failure}: not a device node`);
  return devices.map((device) => ({ ...device, path: containerPath(mapping) + device.path.slice(mapping.PathOnHost.length) }));
}

function ruleOf(type: SpecDevice["type"], major: number, minor: number, access: string): SpecDeviceRule {
  return type === "p" ? { allow: true, major, minor, access } : { allow: true, type, major, minor, access };
}

/** "c 7:* rmw"; a number that is not there stands for `*` (Docker's -1 is not understood by every runtime). */
function parseRule(text: string): SpecDeviceRule {
  const [, type, major = "", minor = "", access] = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text) ?? [];
  if (type === undefined || access === undefined) throw invalid(`invalid device cgroup rule format: '${text}'`);
  const rule: SpecDeviceRule = { allow: true, type: type as "a" | "b" | "c", access };
  if (major !== "*") rule.major = Number(major);
  if (minor !== "*") rule.minor = Number(minor);
  return rule;
}
