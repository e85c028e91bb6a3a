// Go's zero values for members that the daemon leaves out or sends as null: what templates print for them.
import { MAP_NAMES, TypedNil } from "../template/value.ts";

/** Members left out when empty, and the zero value they stand for. */
const OMITTED: Readonly<Record<string, unknown>> = {
  Health: new TypedNil("pointer"),
  Healthcheck: new TypedNil("pointer"),
  SizeRw: new TypedNil("pointer"),
  SizeRootFs: new TypedNil("pointer"),
  ImageManifestDescriptor: new TypedNil("pointer"),
  StopTimeout: new TypedNil("pointer"),
  Init: new TypedNil("pointer"),
  UsageData: new TypedNil("pointer"),
  ClusterVolume: new TypedNil("pointer"),
  Descriptor: new TypedNil("pointer"),
  IPAMConfig: new TypedNil("pointer"),
  ExposedPorts: new TypedNil("map"),
  Annotations: new TypedNil("map"),
  Sysctls: new TypedNil("map"),
  StorageOpt: new TypedNil("map"),
  Tmpfs: new TypedNil("map"),
  Status: new TypedNil("map"),
  Shell: new TypedNil("slice"),
  OnBuild: new TypedNil("slice"),
  Mounts: new TypedNil("slice"),
  Manifests: new TypedNil("slice"),
  ArgsEscaped: false,
  NetworkDisabled: false,
  AutoRemove: false,
  StopSignal: "",
  MacAddress: "",
  CreatedAt: "",
  Variant: "",
  OsVersion: "",
  User: "",
  Isolation: "",
};

/** Null members that are pointers; others are lists or maps. */
const POINTERS = new Set(["Init", "MemorySwappiness", "OomKillDisable", "PidsLimit", "IPAMConfig", "Healthcheck", "Health", "Error", "UsageData", "ConfigFrom", "StopTimeout"]);

export function zeroOf(name: string, present: boolean): unknown {
  if (!present) return OMITTED[name];
  if (POINTERS.has(name)) return new TypedNil("pointer");
  return new TypedNil(MAP_NAMES.has(name) ? "map" : "slice");
}
