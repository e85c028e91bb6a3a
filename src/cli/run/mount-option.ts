// --mount type=…,source=…,target=…: text → the API's mount.
import type { MountRequest } from "../../wire/docker.ts";
import { failure } from "../failure.ts";
import { parseBool } from "../flag-values.ts";
import { parseRamBytes } from "../units.ts";
import { splitCsv } from "./csv.ts";
import { resolve } from "node:path";

type Draft = { -readonly [K in keyof MountRequest]: MountRequest[K] };

/** Keys that may stand without a value. */
const SWITCHES = new Set(["readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src"]);

export function parseMount(text: string): MountRequest {
  if (text === "") throw failure("EOF");
  const mount: Draft = { Type: "volume", Target: "" };
  for (const field of splitCsv(text)) {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (equals < 0 && !SWITCHES.has(key)) throw failure(`invalid field '${field}' must be a key=value pair`);
    const setter = SETTERS[key];
    if (!setter) throw failure(`unknown option '${key}' in '${field}'`.replace("unknown option", "unexpected key"));
    setter(mount, equals < 0 ? "true" : field.slice(equals + 1), key);
  }
  checkMount(mount);
  const { Type, Source, Target, ...rest } = mount;
  return { Type, ...(Source === undefined ? {} : { Source }), Target, ...rest };
}

const setSource = (mount: Draft, value: string) => {
  mount.Source = value.startsWith(".") ? resolve(value) : value;
};
const setTarget = (mount: Draft, value: string) => {
  mount.Target = value;
};
const setReadOnly = (mount: Draft, value: string, key: string) => {
  mount.ReadOnly = boolOf(value, key);
};

const SETTERS: Readonly<Record<string, (mount: Draft, value: string, key: string) => void>> = {
  type: (mount, value) => {
    mount.Type = value.toLowerCase() as MountRequest["Type"];
  },
  source: setSource,
  src: setSource,
  target: setTarget,
  dst: setTarget,
  destination: setTarget,
  readonly: setReadOnly,
  ro: setReadOnly,
  consistency: (mount, value) => {
    mount.Consistency = value.toLowerCase();
  },
  "bind-propagation": (mount, value) => {
    bindOf(mount).Propagation = value.toLowerCase();
  },
  "bind-nonrecursive": (mount, value, key) => {
    bindOf(mount).NonRecursive = boolOf(value, key);
  },
  "bind-create-src": (mount, value, key) => {
    bindOf(mount).CreateMountpoint = boolOf(value, key);
  },
  "bind-recursive": setRecursive,
  "volume-subpath": (mount, value) => {
    volumeOf(mount).Subpath = value;
  },
  "volume-nocopy": (mount, value, key) => {
    mount.VolumeOptions = { NoCopy: boolOf(value, key), ...volumeOf(mount) };
  },
  "volume-label": (mount, value) => {
    const [key, text] = pairOf(value);
    (volumeOf(mount).Labels ??= {})[key] = text;
  },
  "volume-driver": (mount, value) => {
    driverOf(mount).Name = value;
  },
  "volume-opt": (mount, value) => {
    const [key, text] = pairOf(value);
    (driverOf(mount).Options ??= {})[key] = text;
  },
  "image-subpath": (mount, value) => {
    mount.ImageOptions = { Subpath: value };
  },
  "tmpfs-size": (mount, value, key) => {
    tmpfsOf(mount).SizeBytes = sizeOf(value, key);
  },
  "tmpfs-mode": (mount, value, key) => {
    if (!/^[0-7]+$/.test(value)) throw failure(`invalid value for ${key}: ${value}`);
    tmpfsOf(mount).Mode = Number.parseInt(value, 8);
  },
};

function setRecursive(mount: Draft, value: string): void {
  switch (value) {
    case "enabled":
      return;
    case "disabled":
      bindOf(mount).NonRecursive = true;
      return;
    case "writable":
      bindOf(mount).ReadOnlyNonRecursive = true;
      return;
    case "readonly":
      bindOf(mount).ReadOnlyForceRecursive = true;
      return;
    default:
      throw failure(`invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`);
  }
}

const bindOf = (mount: Draft) => (mount.BindOptions ??= {});
const volumeOf = (mount: Draft) => (mount.VolumeOptions ??= { DriverConfig: {} });
const driverOf = (mount: Draft) => (volumeOf(mount).DriverConfig ??= {});
const tmpfsOf = (mount: Draft) => (mount.TmpfsOptions ??= {});

function boolOf(value: string, key: string): boolean {
  const parsed = parseBool(value);
  if (parsed === undefined) throw failure(`invalid value for ${key}: ${value}`);
  return parsed;
}

function sizeOf(value: string, key: string): number {
  try {
    return parseRamBytes(value);
  } catch {
    throw failure(`invalid value for ${key}: ${value}`);
  }
}

function pairOf(value: string): [string, string] {
  const equals = value.indexOf("=");
  return equals < 0 ? [value, ""] : [value.slice(0, equals), value.slice(equals + 1)];
}

function checkMount(mount: Draft): void {
  if (mount.Type as string === "") throw failure("type is required");
  if (mount.Target === "") throw failure("target is required");
  if (mount.VolumeOptions && mount.Type !== "volume") throw failure(`cannot mix 'volume-*' options with mount type '${mount.Type}'`);
  if (mount.ImageOptions && mount.Type !== "image") throw failure(`cannot mix 'image-*' options with mount type '${mount.Type}'`);
  if (mount.BindOptions && mount.Type !== "bind") throw failure(`cannot mix 'bind-*' options with mount type '${mount.Type}'`);
  if (mount.TmpfsOptions && mount.Type !== "tmpfs") throw failure(`cannot mix 'tmpfs-*' options with mount type '${mount.Type}'`);
  const bind = mount.BindOptions;
  if (bind?.ReadOnlyNonRecursive && !mount.ReadOnly) throw failure("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
  if (bind?.ReadOnlyForceRecursive && !mount.ReadOnly) throw failure("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
  if (bind?.ReadOnlyForceRecursive && bind.Propagation !== "rprivate") throw failure("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
}
