// Bodies of the container routes.
import { any, bool, filled, integer, list, map, object, pair, string, words } from "../../wire/go-shape.ts";
import { endpointSettings } from "./network.ts";

const int64 = integer("int64");
const int = integer("int");
const uint16 = integer("uint16");
const duration = integer("time.Duration");
const strings = list(string);
const stringMap = map(string);
const emptySet = map(object("struct {}", {}), "map[string]struct {}");

const healthcheck = object("container.HealthConfig", { Test: strings, Interval: duration, Timeout: duration, StartPeriod: duration, StartInterval: duration, Retries: int });

const config = {
  Hostname: string,
  Domainname: string,
  User: string,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: map(object("struct {}", {}), "nat.PortSet"),
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: strings,
  Cmd: words,
  Healthcheck: healthcheck,
  ArgsEscaped: bool,
  Image: string,
  Volumes: emptySet,
  WorkingDir: string,
  Entrypoint: words,
  NetworkDisabled: bool,
  MacAddress: string,
  OnBuild: strings,
  Labels: stringMap,
  StopSignal: string,
  StopTimeout: int,
  Shell: words,
};

const throttle = list(filled(object("blkiodev.ThrottleDevice", { Path: string, Rate: integer("uint64") })));
const driverConfig = object("mount.Driver", { Name: string, Options: stringMap });

const mount = object("mount.Mount", {
  Type: { kind: "string", type: "mount.Type" },
  Source: string,
  Target: string,
  ReadOnly: bool,
  Consistency: string,
  BindOptions: object("mount.BindOptions", { Propagation: string, NonRecursive: bool, CreateMountpoint: bool, ReadOnlyNonRecursive: bool, ReadOnlyForceRecursive: bool }),
  VolumeOptions: object("mount.VolumeOptions", { NoCopy: bool, Labels: stringMap, Subpath: string, DriverConfig: driverConfig }),
  ImageOptions: object("mount.ImageOptions", { Subpath: string }),
  TmpfsOptions: object("mount.TmpfsOptions", { SizeBytes: int64, Mode: integer("fs.FileMode"), Options: list(strings) }),
  ClusterOptions: any,
});

const restartPolicy = object("container.RestartPolicy", { Name: string, MaximumRetryCount: int });

const resources = {
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  CgroupParent: string,
  BlkioWeight: uint16,
  BlkioWeightDevice: list(filled(object("blkiodev.WeightDevice", { Path: string, Weight: uint16 }))),
  BlkioDeviceReadBps: throttle,
  BlkioDeviceWriteBps: throttle,
  BlkioDeviceReadIOps: throttle,
  BlkioDeviceWriteIOps: throttle,
  CpuPeriod: int64,
  CpuQuota: int64,
  CpuRealtimePeriod: int64,
  CpuRealtimeRuntime: int64,
  CpusetCpus: string,
  CpusetMems: string,
  Devices: list(filled(object("container.DeviceMapping", { PathOnHost: string, PathInContainer: string, CgroupPermissions: string }))),
  DeviceCgroupRules: strings,
  DeviceRequests: list(filled(object("container.DeviceRequest", { Driver: string, Count: int, DeviceIDs: strings, Capabilities: list(strings), Options: stringMap }))),
  KernelMemory: int64,
  KernelMemoryTCP: int64,
  MemoryReservation: int64,
  MemorySwap: int64,
  MemorySwappiness: int64,
  OomKillDisable: bool,
  PidsLimit: int64,
  Ulimits: list(filled(object("units.Ulimit", { Name: string, Hard: int64, Soft: int64 }))),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: integer("uint64"),
  IOMaximumBandwidth: integer("uint64"),
};

const hostConfig = object("container.HostConfig", {
  ...resources,
  Binds: strings,
  ContainerIDFile: string,
  LogConfig: object("container.LogConfig", { Type: string, Config: stringMap }),
  NetworkMode: string,
  PortBindings: map(list(filled(object("nat.PortBinding", { HostIp: string, HostPort: string }))), "nat.PortMap"),
  RestartPolicy: restartPolicy,
  AutoRemove: bool,
  VolumeDriver: string,
  VolumesFrom: strings,
  ConsoleSize: pair(integer("uint")),
  Annotations: stringMap,
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: string,
  Dns: strings,
  DnsOptions: strings,
  DnsSearch: strings,
  ExtraHosts: strings,
  GroupAdd: strings,
  IpcMode: string,
  Cgroup: string,
  Links: strings,
  OomScoreAdj: int,
  PidMode: string,
  Privileged: bool,
  PublishAllPorts: bool,
  ReadonlyRootfs: bool,
  SecurityOpt: strings,
  StorageOpt: stringMap,
  Tmpfs: stringMap,
  UTSMode: string,
  UsernsMode: string,
  ShmSize: int64,
  Sysctls: stringMap,
  Runtime: string,
  Isolation: string,
  Mounts: list(mount),
  MaskedPaths: strings,
  ReadonlyPaths: strings,
  Init: bool,
});

export const createContainerShape = object(
  "container.CreateRequest",
  { ...config, HostConfig: hostConfig, NetworkingConfig: object("network.NetworkingConfig", { EndpointsConfig: map(endpointSettings) }) },
  "",
);

export const updateContainerShape = object("container.UpdateConfig", { ...resources, RestartPolicy: restartPolicy });

export const commitShape = object("container.CreateRequest", config, "");

export const execShape = object("container.ExecOptions", {
  User: string,
  Privileged: bool,
  Tty: bool,
  ConsoleSize: pair(integer("uint")),
  AttachStdin: bool,
  AttachStderr: bool,
  AttachStdout: bool,
  DetachKeys: string,
  Env: strings,
  WorkingDir: string,
  Cmd: strings,
});

export const execStartShape = object("container.ExecStartOptions", { Detach: bool, Tty: bool, ConsoleSize: pair(integer("uint")) });
