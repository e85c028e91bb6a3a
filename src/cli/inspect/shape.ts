// Go's zero values for members that the daemon leaves out or sends as null: what templates print for them.
import { type GoMap, GoTime, isGoMap, MAP_NAMES, TypedNil } from "../template/value.ts";

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

/** An image's, a network's or a container's JSON, with what is a time in Go as one; other times are texts there too. */
export function withTimes(object: unknown): unknown {
  if (!isGoMap(object)) return object;
  const { Metadata: metadata, State: state } = object;
  if (isGoMap(metadata)) return { ...object, Metadata: timed(metadata, "LastTagTime") };
  if ("IPAM" in object) return timed(object, "Created");
  const health = isGoMap(state) ? state["Health"] : undefined;
  if (!isGoMap(state) || !isGoMap(health) || !Array.isArray(health["Log"])) return object;
  return { ...object, State: { ...state, Health: { ...health, Log: health["Log"].map((entry: unknown) => (isGoMap(entry) ? timed(timed(entry, "Start"), "End") : entry)) } } };
}

function timed(object: GoMap, name: string): GoMap {
  const value = object[name];
  return typeof value === "string" ? { ...object, [name]: new GoTime(value) } : object;
}
