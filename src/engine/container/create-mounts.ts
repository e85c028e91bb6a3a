// The mounts of a new container: from -v, mount objects, other containers and the image's VOLUMEs. Planning is pure;
// making gives each volume its directory.
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { EngineError, invalid, messageOf } from "../../base/errors.ts";
import type { MountRow, Reader, VolumeRow } from "../../store/store.ts";
import type { ContainerConfig, HostConfig, MountRequest } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";
import { resolveImage } from "../image/names.ts";
import { makeVolume } from "../volume/create.ts";
import { checkMount, checkOptionTypes, checkTmpfs, isWritableMode, parseBind, parseVolumesFrom } from "./mount-parse.ts";
import { resolveContainer } from "./names.ts";

export interface PlannedMount {
  destination: string;
  request: MountRequest;
  mode: string;
  writable: boolean;
  /** Taken over from another container as it stands there. */
  inherited?: MountRow;
  /** Content of the image at this place goes into the volume if it is empty. */
  copyUp: boolean;
}

/** In Docker's order of precedence: volumes-from, then -v, then mount objects; the image's VOLUMEs where nothing else is. */
export function planMounts(tx: Pick<Reader, "containers">, config: ContainerConfig, host: HostConfig): PlannedMount[] {
  const tmpfs = host.Tmpfs ?? {};
  checkTmpfs(tmpfs);
  for (const mount of host.Mounts ?? []) checkOptionTypes(mount);
  for (const mount of host.Mounts ?? []) checkMount(mount, existsSync);
  const planned = new Map<string, PlannedMount>();
  for (const text of host.VolumesFrom ?? []) for (const mount of inherit(tx, text)) planned.set(mount.destination, mount);
  const asked = [...(host.Binds ?? []).map((text) => fromBind(text, host.VolumeDriver ?? "")), ...(host.Mounts ?? []).map((mount) => fromRequest(mount, host.VolumeDriver ?? ""))];
  const taken = new Set(Object.keys(tmpfs).map(cleanPath));
  for (const mount of asked) {
    if (taken.has(mount.destination)) throw invalid(`Duplicate mount point: ${mount.destination}`);
    taken.add(mount.destination);
    planned.set(mount.destination, mount);
  }
  for (const path of Object.keys(config.Volumes ?? {})) {
    const destination = cleanPath(path);
    if (planned.has(destination) || taken.has(destination)) continue;
    planned.set(destination, { destination, request: { Type: "volume", Target: destination }, mode: "", writable: true, copyUp: true });
  }
  return [...planned.values()];
}

export function cleanPath(path: string): string {
  return posix.normalize(path.startsWith("/") ? path : `/${path}`).replace(/(.)\/+$/, "$1");
}

function inherit(tx: Pick<Reader, "containers">, text: string): PlannedMount[] {
  const { container, writable } = parseVolumesFrom(text);
  const source = resolveAsInvalid(tx, container);
  return source.mounts.map((mount) => ({
    destination: mount.Destination,
    request: { ...mount.request, Type: mount.Type, Target: mount.Destination },
    mode: "",
    writable: mount.RW && writable,
    inherited: mount,
    copyUp: false,
  }));
}

/** In a request another container that is missing is the request's fault. */
export function resolveAsInvalid(tx: Pick<Reader, "containers">, name: string, prefix = ""): ReturnType<typeof resolveContainer> {
  try {
    return resolveContainer(tx, name);
  } catch (error) {
    throw new EngineError("invalid", `${prefix}${messageOf(error)}`, {}, error);
  }
}

function fromBind(text: string, volumeDriver: string): PlannedMount {
  const { request, mode } = parseBind(text, volumeDriver);
  // sources given this way are made when they are missing
  const withSource: MountRequest = request.Type === "bind" ? { ...request, BindOptions: { ...request.BindOptions, CreateMountpoint: true } } : request;
  return { destination: cleanPath(request.Target), request: withSource, mode, writable: isWritableMode(mode), copyUp: request.Type === "volume" && request.VolumeOptions?.NoCopy !== true };
}

function fromRequest(mount: MountRequest, volumeDriver: string): PlannedMount {
  const isVolume = mount.Type === "volume";
  const request: MountRequest =
    isVolume && volumeDriver !== "" && (mount.VolumeOptions?.DriverConfig?.Name ?? "") === "" ? { ...mount, VolumeOptions: { ...mount.VolumeOptions, DriverConfig: { ...mount.VolumeOptions?.DriverConfig, Name: volumeDriver } } } : mount;
  return { destination: cleanPath(mount.Target), request, mode: "", writable: mount.ReadOnly !== true && mount.Type !== "image", copyUp: isVolume && mount.VolumeOptions?.NoCopy !== true };
}

export interface MountContext {
  containerId: string;
  imageRef: string;
}

type Parts = Pick<Engine, "store" | "events" | "clock">;

/** Gives every mount its source. Makes volumes that are not there; their rows are the caller's to put. */
export function makeMounts(engine: Parts, planned: readonly PlannedMount[], context: MountContext): { mounts: MountRow[]; volumes: VolumeRow[] } {
  const made = new Map<string, VolumeRow>();
  const mounts = planned.map((plan) => makeMount(engine, plan, context, made));
  return { mounts, volumes: [...made.values()] };
}

function makeMount(engine: Parts, plan: PlannedMount, context: MountContext, made: Map<string, VolumeRow>): MountRow {
  const { request, destination, mode, writable } = plan;
  const common = { Destination: destination, Mode: mode, RW: writable, request };
  if (plan.inherited !== undefined) return { ...plan.inherited, ...common };
  switch (request.Type) {
    case "bind":
      return { Type: "bind", Source: cleanPath(request.Source ?? ""), ...common, Propagation: request.BindOptions?.Propagation || "rprivate" };
    case "tmpfs":
      return { Type: "tmpfs", Source: "", ...common, Propagation: "" };
    case "image": {
      const image = engine.store.view((tx) => resolveImage(tx, request.Source ?? "").image);
      return { Type: "image", Name: image.id, Source: engine.store.layers.overlay("", image.diffIds).lower[0] ?? "", ...common, Propagation: "rprivate" };
    }
    default: {
      const options = request.VolumeOptions;
      const asked = { Name: request.Source ?? "", Driver: options?.DriverConfig?.Name ?? "", DriverOpts: options?.DriverConfig?.Options ?? null, Labels: options?.Labels ?? null };
      const { row, isNew } = makeVolume(engine, asked, { containerId: context.containerId, image: context.imageRef, path: destination });
      // the same one may be mounted at two places
      const volume = made.get(row.name) ?? row;
      if (isNew) made.set(row.name, volume);
      // Docker marks volumes that were asked for so, but not those an image declares
      const shown = mode === "" && isAskedFor(plan) ? "z" : mode;
      return { Type: "volume", Name: volume.name, Source: engine.store.volumePath(volume.name), Driver: volume.driver, ...common, Mode: shown, Propagation: "" };
    }
  }
}

function isAskedFor({ request }: PlannedMount): boolean {
  return (request.Source ?? "") !== "" || request.VolumeOptions !== undefined || Object.keys(request).length > 2;
}
