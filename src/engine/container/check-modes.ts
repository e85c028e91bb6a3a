// Options that exclude each other, namespaces and policies of a HostConfig, in Docker's words. Pure.
import { isIP } from "node:net";
import { EngineError, internal, invalid } from "../../base/errors.ts";
import type { ContainerConfig, HostConfig } from "../../wire/docker.ts";

/** Docker's first look at a request. */
export function checkNetworkMode(config: ContainerConfig, host: HostConfig): void {
  const mode = host.NetworkMode ?? "";
  const isContainer = mode === "container" || mode.startsWith("container:");
  refuse(isContainer && !/^container:./.test(mode), "invalid network mode: invalid container format container:<name|id>");
  const hasLinks = (host.Links?.length ?? 0) > 0;
  const hasHostname = (config.Hostname ?? "") !== "";
  if (isContainer) {
    refuse(hasHostname, "conflicting options: hostname and the network mode");
    refuse(hasLinks, "conflicting options: container type network can't be used with links. This would result in undefined behavior");
    refuse((host.Dns?.length ?? 0) > 0, "conflicting options: dns and the network mode");
    refuse((host.ExtraHosts?.length ?? 0) > 0, "conflicting options: custom host-to-IP mapping and the network mode");
    refuse(Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts === true, "conflicting options: port publishing and the container type network mode");
    refuse(Object.keys(config.ExposedPorts ?? {}).length > 0, "conflicting options: port exposing and the container type network mode");
  }
  refuse(host.UTSMode === "host" && hasHostname, "conflicting options: hostname and the UTS mode");
  refuse(mode === "host" && hasLinks, "conflicting options: host type networking can't be used with links. This would result in undefined behavior");
}

function refuse(condition: boolean, text: string): void {
  if (condition) throw invalid(text);
}

export function checkModes(host: HostConfig): void {
  const isolation = host.Isolation ?? "";
  if (isolation !== "" && isolation !== "default") throw invalid(`invalid isolation (${isolation}): linux only supports 'default'`);
  if ((host.IOMaximumIOps ?? 0) > 0) throw invalid("invalid option: QoS maximum IOPs configuration is not supported on linux");
  if ((host.IOMaximumBandwidth ?? 0) > 0) throw invalid("invalid option: QoS maximum bandwidth configuration is not supported on linux");
  const ipc = host.IpcMode ?? "";
  if (!["", "none", "private", "shareable", "host"].includes(ipc) && !ipc.startsWith("container:")) throw invalid(`invalid IPC mode: ${ipc}`);
  const pid = host.PidMode ?? "";
  if (pid !== "" && pid !== "host" && !/^container:./.test(pid)) throw invalid(`invalid PID mode: ${pid}`);
  const uts = host.UTSMode ?? "";
  if (uts !== "" && uts !== "host") throw invalid(`invalid UTS mode: ${uts}`);
  const cgroup = host.CgroupnsMode ?? "";
  if (cgroup !== "" && cgroup !== "private" && cgroup !== "host") throw invalid(`invalid cgroup namespace mode: ${cgroup}`);
  if (Object.hasOwn(host.Annotations ?? {}, "")) throw invalid("invalid Annotations: the empty string is not permitted as an annotation key");
  // there is one id mapping here: the host's
  const userns = host.UsernsMode ?? "";
  if (userns !== "" && userns !== "host") throw invalid(`invalid user namespace mode: ${userns}`);
}

export function checkRestartPolicy(host: HostConfig): void {
  const { Name = "", MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  if (host.AutoRemove === true && Name !== "" && Name !== "no") throw invalid("can't create 'AutoRemove' container with restart policy");
  if (!["", "no", "always", "unless-stopped", "on-failure"].includes(Name)) {
    throw invalid(`invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  }
  if (Name === "on-failure") {
    if (MaximumRetryCount < 0) throw invalid("invalid restart policy: maximum retry count cannot be negative");
  } else if (MaximumRetryCount !== 0) {
    throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'${MaximumRetryCount < 0 ? " and cannot be negative" : ""}`);
  }
}

export function checkExtraHosts(host: HostConfig): void {
  for (const entry of host.ExtraHosts ?? []) {
    const at = entry.search(/[:=]/);
    const name = at < 0 ? "" : entry.slice(0, at);
    if (name === "") throw invalid(`bad format for add-host: "${entry}"`);
    const address = entry.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
    if (address !== "host-gateway" && isIP(address) === 0) throw invalid(`invalid IP address in add-host: "${address}"`);
  }
}

export function checkPortBindings(host: HostConfig): void {
  for (const [key, bindings] of Object.entries(host.PortBindings ?? {})) {
    const port = /^(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(key);
    if (port === null || Number(port[1]) > 65535) throw invalid(`invalid port specification: "${key.split("/", 1)[0]}"`);
    for (const { HostIp = "", HostPort = "" } of bindings ?? []) {
      if (!isPortRange(HostPort)) throw invalid(`invalid port specification: "${HostPort}"`);
      if (HostIp !== "" && isIP(HostIp.replace(/^\[(.*)\]$/, "$1")) === 0) throw invalid(`invalid host IP address: ${HostIp}`);
    }
  }
}

function isPortRange(text: string): boolean {
  if (text === "") return true;
  const range = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (range === null) return false;
  const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
  return last <= 65535 && first <= last;
}

const CAPABILITIES = new Set(
  `AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE
   MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
   SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`.split(/\s+/),
);

export function checkCapabilities(host: HostConfig): void {
  for (const field of ["CapAdd", "CapDrop"] as const) {
    for (const name of host[field] ?? []) {
      const bare = name.toUpperCase().replace(/^CAP_/, "");
      if (bare !== "ALL" && !CAPABILITIES.has(bare)) throw invalid(`invalid ${field}: unknown capability: "CAP_${bare}"`);
    }
  }
}

/** Labels (SELinux) and AppArmor are taken as they come: without the one or the other in the kernel they mean nothing, as in Docker. */
export function checkSecurityOptions(options: readonly string[]): void {
  for (const option of options) {
    if (option === "no-new-privileges") continue;
    const [, key, value] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    if (key === undefined || value === undefined) throw internal(`invalid --security-opt 1: "${option}"`);
    if (["label", "apparmor", "seccomp"].includes(key)) continue;
    if ((key === "no-new-privileges" || key === "writable-cgroups") && ["true", "false", "1", "0", "t", "f", "True", "False", "TRUE", "FALSE"].includes(value)) continue;
    throw internal(`invalid --security-opt 2: "${option}"`);
  }
}

export function checkStorageOptions(host: HostConfig): void {
  for (const key of Object.keys(host.StorageOpt ?? {})) {
    throw new EngineError("internal", key === "size" ? "--storage-opt is supported only for overlay over xfs with 'pquota' mount option" : `Unknown option ${key}`);
  }
}
