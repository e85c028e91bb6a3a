// Parsed flags of `run` and `create` → the body of POST /containers/create. Pure: files and environment are given.
import { sortedByKey } from "../../base/sorted-by-key.ts";
import type { ContainerConfig, CreateContainerRequest, EndpointSettings, HostConfig } from "../../wire/docker.ts";
import { failure } from "../failure.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { FlagValues } from "../flags.ts";
import { healthOf } from "./health.ts";
import { parseExtraHost } from "./host-entry.ts";
import { pairs, readEnv, readLabels, type Environment } from "./key-values.ts";
import { parseMount } from "./mount-option.ts";
import { emptyNetworkOption, endpointOf, isUserDefined, parseNetworkOption, type NetworkOption } from "./network-option.ts";
import { parsePorts, type Ports } from "./port-spec.ts";
import { resourcesOf } from "./resources.ts";
import { parseRestartPolicy } from "./restart-policy.ts";
import { parseSecurity } from "./security.ts";
import { parseVolumes } from "./volume-option.ts";
import { parseRamBytes } from "../units.ts";

export interface Surroundings {
  readonly environment: Environment;
  readFile(path: string): string;
  /** Proxy variables from the client's configuration. */
  readonly proxyEnv: readonly string[];
}

export function createRequest(flags: FlagValues, args: readonly string[], surroundings: Surroundings): CreateContainerRequest {
  checkModes(flags);
  const ports = parsePorts(flags.list("publish"), flags.list("expose"));
  const volumes = parseVolumes(flags.list("volume"));
  const HostConfigPart = hostConfigOf(flags, ports, volumes.binds, surroundings);
  return { ...configOf(flags, args, ports, volumes.anonymous, surroundings), HostConfig: HostConfigPart, NetworkingConfig: { EndpointsConfig: endpointsOf(flags) } };
}

function configOf(flags: FlagValues, [image = "", ...command]: readonly string[], ports: Ports, volumes: Record<string, object>, { environment, readFile, proxyEnv }: Surroundings): ContainerConfig {
  const streams = attachedStreams(flags);
  const health = healthOf(flags);
  const entrypoint = flags.has("entrypoint") ? { Entrypoint: [flags.text("entrypoint")] } : {};
  return {
    Hostname: flags.text("hostname"),
    Domainname: flags.text("domainname"),
    User: flags.text("user"),
    AttachStdin: streams.input,
    AttachStdout: streams.output,
    AttachStderr: streams.errors,
    ExposedPorts: sortedByKey(ports.exposed),
    Tty: flags.bool("tty"),
    OpenStdin: flags.bool("interactive"),
    StdinOnce: flags.bool("interactive") && streams.input,
    Env: [...readEnv(flags.list("env-file"), flags.list("env"), environment, readFile), ...proxyEnv],
    Cmd: command.length > 0 ? command : null,
    ...(health ? { Healthcheck: health } : {}),
    Image: image,
    Volumes: volumes,
    WorkingDir: flags.text("workdir"),
    ...entrypoint,
    Labels: readLabels(flags.list("label-file"), flags.list("label"), readFile),
    ...(flags.has("stop-signal") ? { StopSignal: flags.text("stop-signal") } : {}),
    ...(flags.has("stop-timeout") ? { StopTimeout: flags.number("stop-timeout") } : {}),
  };
}

/** The streams of the container that the client is joined to. */
export function attachedStreams(flags: FlagValues): { input: boolean; output: boolean; errors: boolean } {
  const asked = flags.list("attach").map((stream) => stream.toLowerCase());
  const both = asked.length === 0;
  return { input: asked.includes("stdin") || flags.bool("interactive"), output: both || asked.includes("stdout"), errors: both || asked.includes("stderr") };
}

function hostConfigOf(flags: FlagValues, ports: Ports, binds: string[], { readFile }: Surroundings): HostConfig {
  const restart = parseRestartPolicy(flags.text("restart"));
  if (flags.bool("rm") && restart.Name && restart.Name !== "no") throw failure("conflicting options: cannot specify both --restart and --rm");
  const security = parseSecurity(flags.list("security-opt"), readFile);
  const runtimeUser = { PidMode: flags.text("pid"), UTSMode: flags.text("uts"), UsernsMode: flags.text("userns"), CgroupnsMode: flags.text("cgroupns"), IpcMode: flags.text("ipc") };
  return {
    Binds: orNull(binds),
    ContainerIDFile: flags.text("cidfile"),
    LogConfig: { Type: flags.text("log-driver"), Config: logOptions(flags) },
    NetworkMode: networkOptions(flags)[0]?.target ?? "default",
    PortBindings: sortedByKey(ports.bindings),
    RestartPolicy: restart,
    AutoRemove: flags.bool("rm"),
    VolumeDriver: flags.text("volume-driver"),
    VolumesFrom: orNull(flags.list("volumes-from")),
    ...capabilitiesOf(flags.list("cap-add"), flags.list("cap-drop")),
    ...runtimeUser,
    Dns: [...flags.list("dns")],
    DnsOptions: [...flags.list("dns-option")],
    DnsSearch: flags.list("dns-search").map((domain) => domain.trim()),
    ExtraHosts: orNull(flags.list("add-host").map(parseExtraHost)),
    GroupAdd: orNull(flags.list("group-add")),
    Links: orNull(flags.list("link")),
    OomScoreAdj: flags.number("oom-score-adj"),
    Privileged: flags.bool("privileged"),
    PublishAllPorts: flags.bool("publish-all"),
    ReadonlyRootfs: flags.bool("read-only"),
    SecurityOpt: orNull(security.options),
    StorageOpt: storageOptions(flags),
    Tmpfs: tmpfsOf(flags),
    ShmSize: flags.has("shm-size") ? parseRamBytes(flags.text("shm-size")) : 0,
    Sysctls: orUndefined(pairs(flags.list("sysctl"))),
    Runtime: flags.text("runtime"),
    Isolation: flags.text("isolation"),
    ...resourcesOf(flags),
    ...(flags.list("mount").length > 0 ? { Mounts: flags.list("mount").map(parseMount) } : {}),
    ...(security.unconfinedPaths ? { MaskedPaths: [], ReadonlyPaths: [] } : { MaskedPaths: null, ReadonlyPaths: null }),
    ...(flags.has("init") ? { Init: flags.bool("init") } : {}),
    Annotations: orUndefined(pairs(flags.list("annotation"))),
  };
}

function orNull(list: readonly string[]): string[] | null {
  return list.length > 0 ? [...list] : null;
}

function orUndefined(map: Record<string, string>): Record<string, string> | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}

function logOptions(flags: FlagValues): Record<string, string> {
  const options = sortedByKey(pairs(flags.list("log-opt")));
  if (flags.text("log-driver") === "none" && Object.keys(options).length > 0) throw failure("invalid logging opts for driver none");
  return options;
}

function storageOptions(flags: FlagValues): Record<string, string> | undefined {
  for (const option of flags.list("storage-opt")) if (!option.includes("=")) throw failure("invalid storage option");
  return orUndefined(pairs(flags.list("storage-opt")));
}

function tmpfsOf(flags: FlagValues): Record<string, string> | undefined {
  const entries = flags.list("tmpfs").map((text) => [text.split(":")[0]!, text.split(":").slice(1).join(":")] as const);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function checkModes(flags: FlagValues): void {
  const pid = flags.text("pid");
  if (pid !== "" && pid !== "host" && !/^container:.+/.test(pid)) throw failure("--pid: invalid PID mode");
  if (!["", "host"].includes(flags.text("uts"))) throw failure("--uts: invalid UTS mode");
  if (!["", "host"].includes(flags.text("userns"))) throw failure("--userns: invalid USER mode");
  if (!["", "host", "private"].includes(flags.text("cgroupns"))) throw failure("--cgroupns: invalid CGROUP mode");
  const mac = flags.text("mac-address");
  if (mac !== "" && !/^([\da-fA-F]{2}[:-]){5}[\da-fA-F]{2}$/.test(mac)) throw failure(`${mac} is not a valid mac address`);
}

function networkOptions(flags: FlagValues): NetworkOption[] {
  return flags.list("network").map(parseNetworkOption);
}

function endpointsOf(flags: FlagValues): Record<string, EndpointSettings> {
  const given = networkOptions(flags);
  const options = given.length > 0 ? given : [emptyNetworkOption("default")];
  addSingleFlags(options[0]!, flags);
  const endpoints: Record<string, EndpointSettings> = {};
  for (const option of options) {
    const endpoint = endpointOf(option);
    if (Object.hasOwn(endpoints, option.target)) throw failure(`network ${JSON.stringify(option.target)} is specified multiple times`);
    endpoints[option.target] = endpoint;
  }
  const userDefined = given.map((option) => isUserDefined(option.target));
  if (userDefined.includes(true) && userDefined.includes(false)) throw failure("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  return endpoints;
}

/** --network-alias, --ip and the like speak of the first network. */
function addSingleFlags(option: NetworkOption, flags: FlagValues): void {
  const both = (taken: boolean, flag: string, what: string) => {
    if (taken && flags.has(flag)) throw failure(`conflicting options: cannot specify both --${flag} and per-network ${what}`);
  };
  both(option.aliases.length > 0, "network-alias", "alias");
  both(option.links.length > 0, "link", "links");
  both(option.ipv4 !== "", "ip", "IPv4 address");
  both(option.ipv6 !== "", "ip6", "IPv6 address");
  both(option.mac !== "", "mac-address", "MAC address");
  both(option.linkLocal.length > 0, "link-local-ip", "link-local IP addresses");
  option.aliases.push(...flags.list("network-alias"));
  if (isUserDefined(option.target)) option.links.push(...flags.list("link"));
  option.ipv4 ||= flags.text("ip");
  option.ipv6 ||= flags.text("ip6");
  option.mac ||= flags.text("mac-address");
  option.linkLocal.push(...flags.list("link-local-ip"));
}
