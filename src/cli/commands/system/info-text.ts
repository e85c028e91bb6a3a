// The server block of `info`, in Docker's order. Pure.
import { binarySize } from "../../units.ts";

export interface Info {
  ID?: string;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  ServerVersion: string;
  Driver: string;
  DriverStatus?: [string, string][] | null;
  LoggingDriver?: string;
  CgroupDriver?: string;
  CgroupVersion?: string;
  Plugins?: { Volume?: string[] | null; Network?: string[] | null; Authorization?: string[] | null; Log?: string[] | null };
  CDISpecDirs?: string[] | null;
  DiscoveredDevices?: { Source: string; ID: string }[] | null;
  Swarm?: { LocalNodeState?: string };
  Runtimes?: Record<string, unknown> | null;
  DefaultRuntime?: string;
  InitBinary?: string;
  ContainerdCommit?: { ID?: string };
  RuncCommit?: { ID?: string };
  InitCommit?: { ID?: string };
  SecurityOptions?: string[] | null;
  KernelVersion?: string;
  OperatingSystem?: string;
  OSType?: string;
  Architecture?: string;
  NCPU?: number;
  MemTotal?: number;
  Name?: string;
  DockerRootDir?: string;
  Debug?: boolean;
  NFd?: number;
  NGoroutines?: number;
  SystemTime?: string;
  NEventsListener?: number;
  HttpProxy?: string;
  HttpsProxy?: string;
  NoProxy?: string;
  Labels?: string[] | null;
  ExperimentalBuild?: boolean;
  RegistryConfig?: { InsecureRegistryCIDRs?: string[] | null; IndexConfigs?: Record<string, { Secure: boolean }> | null; Mirrors?: string[] | null } | null;
  LiveRestoreEnabled?: boolean;
  ProductLicense?: string;
  DefaultAddressPools?: { Base: string; Size: number }[] | null;
  FirewallBackend?: { Driver: string; Info?: [string, string][] | null } | null;
  Warnings?: string[] | null;
}

export function serverInfoText(info: Info): string {
  const lines = [...stockLines(info), ...pluginLines(info), ...runtimeLines(info), ...machineLines(info), ...settingLines(info)];
  return `${lines.map((line) => ` ${line}\n`).join("")}\n`;
}

function stockLines(info: Info): string[] {
  return [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    ...when("Server Version", info.ServerVersion),
    ...when("Storage Driver", info.Driver),
    ...(info.DriverStatus ?? []).map(([name, value]) => ` ${name}: ${value}`),
    ...when("Logging Driver", info.LoggingDriver),
    ...when("Cgroup Driver", info.CgroupDriver),
    ...when("Cgroup Version", info.CgroupVersion),
  ];
}

function pluginLines({ Plugins = {}, CDISpecDirs, DiscoveredDevices }: Info): string[] {
  return [
    "Plugins:",
    ` Volume: ${(Plugins.Volume ?? []).join(" ")}`,
    ` Network: ${(Plugins.Network ?? []).join(" ")}`,
    ...kind("Authorization", Plugins.Authorization),
    ` Log: ${(Plugins.Log ?? []).join(" ")}`,
    ...block("CDI spec directories", CDISpecDirs ?? []),
    ...block("Discovered Devices", (DiscoveredDevices ?? []).map(({ Source, ID }) => `${Source}: ${ID}`)),
  ];
}

function runtimeLines(info: Info): string[] {
  const runtimes = Object.keys(info.Runtimes ?? {}).toSorted();
  return [
    `Swarm: ${info.Swarm?.LocalNodeState ?? "inactive"}`,
    ...(runtimes.length > 0 ? [`Runtimes: ${runtimes.join(" ")}`, `Default Runtime: ${info.DefaultRuntime ?? ""}`] : []),
    `Init Binary: ${info.InitBinary ?? ""}`,
    `containerd version: ${info.ContainerdCommit?.ID ?? ""}`,
    `runc version: ${info.RuncCommit?.ID ?? ""}`,
    `init version: ${info.InitCommit?.ID ?? ""}`,
    ...securityLines(info.SecurityOptions ?? []),
  ];
}

/** `name=seccomp,profile=builtin` → the name, and its options below. */
function securityLines(options: readonly string[]): string[] {
  if (options.length === 0) return [];
  return [
    "Security Options:",
    ...options.flatMap((option) => {
      const pairs = option.split(",").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
      const name = pairs.find(([key]) => key === "name")?.[1] ?? option;
      return [` ${name}`, ...pairs.filter(([key]) => key !== "name").map(([key, value]) => `  ${key[0]!.toUpperCase()}${key.slice(1)}: ${value}`)];
    }),
  ];
}

function machineLines(info: Info): string[] {
  return [
    ...when("Kernel Version", info.KernelVersion),
    ...when("Operating System", info.OperatingSystem),
    ...when("OSType", info.OSType),
    ...when("Architecture", info.Architecture),
    `CPUs: ${info.NCPU ?? 0}`,
    `Total Memory: ${binarySize(info.MemTotal ?? 0)}`,
    ...when("Name", info.Name),
    ...when("ID", info.ID),
    `Docker Root Dir: ${info.DockerRootDir ?? ""}`,
    `Debug Mode: ${info.Debug ?? false}`,
  ];
}

function settingLines(info: Info): string[] {
  const registry = info.RegistryConfig;
  const insecure = [
    ...Object.entries(registry?.IndexConfigs ?? {}).filter(([, index]) => !index.Secure).map(([name]) => name),
    ...(registry?.InsecureRegistryCIDRs ?? []),
  ];
  const debug = info.Debug ? [` File Descriptors: ${info.NFd ?? 0}`, ` Goroutines: ${info.NGoroutines ?? 0}`, ` System Time: ${info.SystemTime ?? ""}`, ` EventsListeners: ${info.NEventsListener ?? 0}`] : [];
  return [
    ...debug,
    ...when("HTTP Proxy", info.HttpProxy),
    ...when("HTTPS Proxy", info.HttpsProxy),
    ...when("No Proxy", info.NoProxy),
    ...block("Labels", info.Labels ?? []),
    `Experimental: ${info.ExperimentalBuild ?? false}`,
    ...block("Insecure Registries", insecure),
    ...block("Registry Mirrors", registry?.Mirrors ?? []),
    `Live Restore Enabled: ${info.LiveRestoreEnabled ?? false}`,
    ...when("Product License", info.ProductLicense),
    ...block("Default Address Pools", (info.DefaultAddressPools ?? []).map(({ Base, Size }) => `Base: ${Base}, Size: ${Size}`)),
  ];
}

function when(name: string, value: string | undefined): string[] {
  return value ? [`${name}: ${value}`] : [];
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [`${title}:`, ...lines.map((line) => ` ${line}`)] : [];
}

const kind = (name: string, list: readonly string[] | null | undefined) => (list && list.length > 0 ? [` ${name}: ${list.join(" ")}`] : []);
