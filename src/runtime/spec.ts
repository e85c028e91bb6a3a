// What the engine knows of a container → the OCI spec its runtime is given, as Docker writes it. Pure but for what `host` reads.
import type { HostConfig } from "../wire/docker.ts";
import { containerCapabilities } from "./capabilities.ts";
import type { JsonNumber, NamespaceChoice, Spec, SpecInput, SpecLinux, SpecProcess, SpecSeccomp } from "./oci-spec.ts";
import { defaultSeccomp, seccompFromProfile } from "./seccomp.ts";
import { specDevices } from "./spec-devices.ts";
import { type SpecHost, thisHost } from "./spec-host.ts";
import { initArgs, specMounts, usesInit } from "./spec-mounts.ts";
import { specResources } from "./spec-resources.ts";

/** What runc 1.1 and crun 1.8 read; nothing newer is written. */
const OCI_VERSION = "1.0.2";

export function createSpec(input: SpecInput, host: SpecHost = thisHost()): Spec {
  const { hostConfig } = input;
  const isPrivileged = hostConfig.Privileged === true;
  const capabilities = containerCapabilities({ isPrivileged, add: hostConfig.CapAdd ?? [], drop: hostConfig.CapDrop ?? [], available: host.capabilities() });
  const { mounts, rootfsPropagation } = specMounts(input, host);
  const annotations = { ...hostConfig.Annotations, ...input.annotations };
  const spec: Spec = {
    ociVersion: OCI_VERSION,
    process: specProcess(input, capabilities, host),
    root: { path: "rootfs", ...(hostConfig.ReadonlyRootfs === true ? { readonly: true } : {}) },
    mounts,
    linux: specLinux(input, capabilities, host),
  };
  if (input.namespaces.uts !== "host" && input.hostname !== "") spec.hostname = input.hostname;
  if (Object.keys(annotations).length > 0) spec.annotations = annotations;
  if (rootfsPropagation !== undefined) spec.linux.rootfsPropagation = rootfsPropagation;
  return spec;
}

function specProcess(input: SpecInput, capabilities: string[], host: SpecHost): SpecProcess {
  const { user, hostConfig } = input;
  const process: SpecProcess = {
    user: { uid: user.uid, gid: user.gid, additionalGids: [...new Set([user.gid, ...(user.additionalGids ?? [])])] },
    args: usesInit(input) ? initArgs(input.args) : [...input.args],
    env: [...input.env],
    cwd: input.cwd === "" ? "/" : input.cwd,
    capabilities: { bounding: [...capabilities], effective: [...capabilities], permitted: [...capabilities] },
    oomScoreAdj: hostConfig.OomScoreAdj ?? 0,
  };
  if (user.umask !== undefined) process.user.umask = user.umask;
  if (input.terminal) process.terminal = true;
  const [height, width] = input.consoleSize ?? [0, 0];
  if (input.terminal && height > 0 && width > 0) process.consoleSize = { height, width };
  Object.assign(process, inherited(hostConfig, host));
  return process;
}

/** What every process in a container has of its settings. */
export function inherited(hostConfig: HostConfig, host: Pick<SpecHost, "hasAppArmor">): Partial<SpecProcess> {
  const limits = (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ type: `RLIMIT_${Name.toUpperCase()}`, hard: unlimited(Hard), soft: unlimited(Soft) }));
  const profile = securityOption(hostConfig, "apparmor");
  return {
    ...(limits.length === 0 ? {} : { rlimits: limits }),
    ...(securityFlag(hostConfig, "no-new-privileges") ? { noNewPrivileges: true } : {}),
    ...(profile !== undefined && profile !== "" && host.hasAppArmor() ? { apparmorProfile: profile } : {}),
  };
}

const INFINITE = "18446744073709551615";

/** -1 is no limit. */
function unlimited(limit: number): number | JsonNumber {
  // TypeScript's library does not know it yet
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): JsonNumber };
  return limit < 0 ? rawJSON(INFINITE) : limit;
}

function specLinux(input: SpecInput, capabilities: string[], host: SpecHost): SpecLinux {
  const { hostConfig } = input;
  const { devices, rules } = specDevices(hostConfig, host);
  const linux: SpecLinux = {
    resources: specResources(hostConfig, rules, host),
    cgroupsPath: input.cgroupsPath ?? `${(hostConfig.CgroupParent || "/docker").replace(/\/+$/, "")}/${input.id}`,
    namespaces: namespaces(input.namespaces),
  };
  const sysctl = { ...networkSysctls(hostConfig, host), ...(input.domainname === "" || input.namespaces.uts === "host" ? {} : { "kernel.domainname": input.domainname }), ...hostConfig.Sysctls };
  if (Object.keys(sysctl).length > 0) linux.sysctl = sysctl;
  if (devices.length > 0) linux.devices = devices;
  if (hostConfig.Privileged !== true) {
    linux.maskedPaths = [...(hostConfig.MaskedPaths ?? [])];
    linux.readonlyPaths = [...(hostConfig.ReadonlyPaths ?? [])];
  }
  const seccomp = specSeccomp(hostConfig, capabilities, host);
  if (seccomp !== undefined) linux.seccomp = seccomp;
  return linux;
}

function namespaces(chosen: SpecInput["namespaces"]): SpecLinux["namespaces"] {
  const list: SpecLinux["namespaces"] = [{ type: "mount" }];
  const add = (type: "network" | "uts" | "pid" | "ipc" | "cgroup", choice: NamespaceChoice): void => {
    if (choice !== "host") list.push(choice === "private" ? { type } : { type, path: choice.path });
  };
  add("network", chosen.network);
  add("uts", chosen.uts);
  add("pid", chosen.pid);
  add("ipc", chosen.ipc);
  add("cgroup", chosen.cgroup);
  return list;
}

/** In a network of its own a container may use low ports and ping without capabilities. */
function networkSysctls({ NetworkMode: mode = "" }: HostConfig, host: SpecHost): Record<string, string> {
  if (mode === "host" || mode.startsWith("container:")) return {};
  const wanted = { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => host.hasSysctl(name)));
}

/** A privileged container is filtered only by a profile it asks for. */
function specSeccomp(hostConfig: HostConfig, capabilities: string[], host: SpecHost): SpecSeccomp | undefined {
  const profile = securityOption(hostConfig, "seccomp") ?? "";
  const facts = { capabilities, architecture: host.architecture, kernel: host.kernel };
  if (profile === "unconfined") return undefined;
  if (profile === "builtin") return defaultSeccomp(facts);
  if (profile !== "") return seccompFromProfile(profile, facts);
  return hostConfig.Privileged === true ? undefined : defaultSeccomp(facts);
}

/** The last of a name counts; `name=value` or, as of old, `name:value`. */
function securityOption(hostConfig: HostConfig, name: string): string | undefined {
  const option = (hostConfig.SecurityOpt ?? []).findLast((candidate) => candidate.startsWith(`${name}=`) || candidate.startsWith(`${name}:`));
  return option?.slice(name.length + 1);
}

function securityFlag(hostConfig: HostConfig, name: string): boolean {
  if ((hostConfig.SecurityOpt ?? []).includes(name)) return true;
  return ["true", "1", "t"].includes((securityOption(hostConfig, name) ?? "").toLowerCase());
}
