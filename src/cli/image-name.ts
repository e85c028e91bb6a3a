// Image names as the command line needs them: the registry, the full and the familiar form, the default tag.
import { failure } from "./failure.ts";

export interface ImageName {
  /** `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/busybox`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

export function parseImageName(text: string): ImageName {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const { registry, path } = splitRegistry(hasTag ? named.slice(0, colon) : named);
  if (/^[0-9a-f]{64}$/.test(text)) throw failure(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  if (/[A-Z]/.test(path) && PATH.test(path.toLowerCase())) throw failure(`invalid reference format: repository name (${path}) must be lowercase`);
  const bad = !PATH.test(path) || (tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !/^[a-z0-9+._-]+:[0-9a-f]{32,}$/.test(digest));
  if (bad) throw failure("invalid reference format");
  return { registry, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function splitRegistry(name: string): { registry: string; path: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = first.includes(".") || first.includes(":") || first === "localhost" || (first !== "" && first !== first.toLowerCase());
  const registry = isHost ? first : "docker.io";
  const path = isHost ? name.slice(slash + 1) : name;
  if (registry === "index.docker.io" || registry === "docker.io") return { registry: "docker.io", path: path.includes("/") ? path : `library/${path}` };
  return { registry, path };
}

/** `busybox`, `localhost:5000/x`: without tag or digest. */
export function familiarRepository({ registry, path }: ImageName): string {
  if (registry !== "docker.io") return `${registry}/${path}`;
  return path.replace(/^library\//, "");
}

/** `docker.io/library/busybox:latest`. */
export function fullName(name: ImageName): string {
  return `${name.registry}/${name.path}${name.tag ? `:${name.tag}` : ""}${name.digest ? `@${name.digest}` : ""}`;
}

export function familiarName(name: ImageName): string {
  return `${familiarRepository(name)}${name.tag ? `:${name.tag}` : ""}${name.digest ? `@${name.digest}` : ""}`;
}

export function withDefaultTag(name: ImageName): ImageName {
  return name.tag === undefined && name.digest === undefined ? { ...name, tag: "latest" } : name;
}
