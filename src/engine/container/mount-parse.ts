// What a client writes about mounts: `-v` strings, mount objects, volumes-from. Checked in Docker's words; pure but for
// the question whether a bind's source exists.
import { posix } from "node:path";
import { EngineError, internal, invalid, kindOf, messageOf } from "../../base/errors.ts";
import type { MountRequest } from "../../wire/docker.ts";

const PROPAGATIONS = ["private", "rprivate", "slave", "rslave", "shared", "rshared"];
const MODE_GROUPS: readonly (readonly string[])[] = [["ro", "rw"], ["z", "Z"], PROPAGATIONS, ["nocopy"], ["consistent", "cached", "delegated"]];

/** Each kind of word once at most. */
export function isMountMode(mode: string): boolean {
  if (mode === "") return true;
  const words = mode.split(",");
  return words.every((word) => MODE_GROUPS.some((group) => group.includes(word))) && MODE_GROUPS.every((group) => words.filter((word) => group.includes(word)).length <= 1);
}

export function isWritableMode(mode: string): boolean {
  return !mode.split(",").includes("ro");
}

export interface ParsedBind {
  request: MountRequest;
  mode: string;
}

/** `SOURCE:TARGET[:MODE]`, SOURCE a path or a volume's name; `TARGET` alone: an anonymous volume. */
export function parseBind(text: string, volumeDriver: string): ParsedBind {
  const malformed = (): EngineError => internal(`invalid volume specification: '${text}'`);
  const parts = text.split(":");
  const [first = "", second = "", mode = ""] = parts;
  if (parts.length > 3 || first === "" || (parts.length === 2 && isMountMode(second))) throw malformed();
  if (!isMountMode(mode)) throw internal(`invalid mode: ${mode}`);
  const request: MountRequest =
    parts.length === 1 ? { Type: "volume", Target: first } : { Type: first.startsWith("/") ? "bind" : "volume", Source: first, Target: second };
  if (!isWritableMode(mode)) request.ReadOnly = true;
  const words = mode.split(",");
  const volumeOptions: NonNullable<MountRequest["VolumeOptions"]> = {};
  if (volumeDriver !== "" && request.Type === "volume") volumeOptions.DriverConfig = { Name: volumeDriver };
  if (words.includes("nocopy")) volumeOptions.NoCopy = true;
  if (Object.keys(volumeOptions).length > 0) request.VolumeOptions = volumeOptions;
  const propagation = words.find((word) => PROPAGATIONS.includes(word));
  if (propagation !== undefined) request.BindOptions = { Propagation: propagation };
  try {
    checkMount(request);
  } catch (error) {
    throw internal(`invalid volume specification: '${text}': ${messageOf(error)}`, {}, error);
  }
  return { request, mode };
}

/** `sourceExists` undefined: a source that is not there will be made. */
export function checkMount(mount: MountRequest, sourceExists?: (path: string) => boolean): void {
  try {
    checkTarget(mount.Target ?? "");
    const check = Object.hasOwn(CHECKS, mount.Type ?? "") ? CHECKS[mount.Type] : undefined;
    if (check === undefined) throw invalid("mount type unknown");
    check(mount, sourceExists);
  } catch (error) {
    throw new EngineError(kindOf(error), `invalid mount config for type "${mount.Type ?? ""}": ${messageOf(error)}`, {}, error);
  }
}

/** Options of another type than the mount's, which the API refuses before anything else. */
export function checkOptionTypes(mount: MountRequest): void {
  const owners = { BindOptions: "bind", VolumeOptions: "volume", TmpfsOptions: "tmpfs", ImageOptions: "image" } as const;
  for (const [field, type] of Object.entries(owners)) {
    const isGiven = (mount as unknown as Record<string, unknown>)[field] !== undefined && (mount as unknown as Record<string, unknown>)[field] !== null;
    if (isGiven && mount.Type !== type && !(field === "VolumeOptions" && (mount.Type as string) === "cluster")) throw invalid(`${field} must not be specified on mount type "${mount.Type ?? ""}"`);
  }
}

function checkTarget(target: string): void {
  if (target === "") throw invalid("field Target must not be empty");
  if (posix.normalize(target).replace(/(.)\/$/, "$1") === "/") throw invalid("invalid specification: destination can't be '/'");
  checkAbsolute(target);
}

function checkAbsolute(path: string): void {
  if (!path.startsWith("/")) throw invalid(`invalid mount path: '${path}' mount path must be absolute`);
}

type Check = (mount: MountRequest, sourceExists?: (path: string) => boolean) => void;

const CHECKS: Record<string, Check> = {
  bind(mount, sourceExists) {
    const source = mount.Source ?? "";
    if (source === "") throw invalid("field Source must not be empty");
    const propagation = mount.BindOptions?.Propagation ?? "";
    if (propagation !== "" && !PROPAGATIONS.includes(propagation)) throw invalid(`invalid propagation mode: ${propagation}`);
    if (mount.VolumeOptions !== undefined) throw invalid("field VolumeOptions must not be specified");
    checkAbsolute(source);
    if (sourceExists !== undefined && mount.BindOptions?.CreateMountpoint !== true && !sourceExists(source)) throw invalid(`bind source path does not exist: ${source}`);
  },
  volume(mount) {
    const isAnonymous = (mount.Source ?? "") === "";
    if (mount.BindOptions !== undefined) throw invalid("field BindOptions must not be specified");
    if (isAnonymous && mount.ReadOnly === true) throw invalid("must not set ReadOnly mode when using anonymous volumes");
    const subpath = mount.VolumeOptions?.Subpath ?? "";
    if (subpath !== "" && isAnonymous) throw invalid("must not set Subpath when using anonymous volumes");
    checkSubpath(subpath, "volume");
  },
  tmpfs(mount) {
    if (mount.BindOptions !== undefined) throw invalid("field BindOptions must not be specified");
    if ((mount.Source ?? "") !== "") throw invalid("field Source must not be specified");
    tmpfsMountOptions(mount);
  },
  image(mount) {
    if ((mount.Source ?? "") === "") throw invalid("field Source must not be empty");
    checkSubpath(mount.ImageOptions?.Subpath ?? "", "image");
  },
};

function checkSubpath(subpath: string, where: string): void {
  if (subpath === "") return;
  const normal = posix.normalize(subpath);
  if (subpath.startsWith("/") || normal === ".." || normal.startsWith("../")) throw invalid(`subpath must be a relative path within the ${where}`);
}

/** Mount options of a tmpfs mount object, as strings for the kernel. */
export function tmpfsMountOptions(mount: MountRequest): string[] {
  const { SizeBytes = 0, Mode = 0, Options = [] } = mount.TmpfsOptions ?? {};
  const options = mount.ReadOnly === true ? ["ro"] : [];
  if (Mode !== 0) options.push(`mode=${Mode.toString(8)}`);
  if (SizeBytes !== 0) options.push(`size=${SizeBytes}`);
  for (const [key = "", ...values] of Options) {
    if (!(TMPFS_FLAGS.has(key) && values.length === 0) && !(TMPFS_VALUES.has(key) && values.length === 1)) throw invalid(`invalid option: ${[key, ...values].join("=")}`);
    options.push([key, ...values].join("="));
  }
  return options;
}

const TMPFS_FLAGS = new Set(["exec", "noexec", "suid", "nosuid", "dev", "nodev"]);
const TMPFS_VALUES = new Set(["uid", "gid", "mode", "size", "nr_inodes", "nr_blocks", "mpol"]);

/** `CONTAINER[:ro|rw]` */
export function parseVolumesFrom(text: string): { container: string; writable: boolean } {
  if (text === "") throw invalid("volumes-from specification cannot be an empty string");
  const colon = text.indexOf(":");
  const mode = colon < 0 ? "rw" : text.slice(colon + 1);
  const words = mode.split(",");
  if (!isMountMode(mode) || words.some((word) => PROPAGATIONS.includes(word) || word === "nocopy")) throw invalid(`invalid mode: ${mode}`);
  return { container: colon < 0 ? text : text.slice(0, colon), writable: isWritableMode(mode) };
}

/** Paths of HostConfig.Tmpfs. */
export function checkTmpfs(tmpfs: Readonly<Record<string, string>>): void {
  for (const target of Object.keys(tmpfs)) checkTarget(target);
}
