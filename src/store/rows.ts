// The shapes of what the store remembers. Rows are values: never changed in place, always put anew.
import type { ContainerConfig, ContainerState, EndpointSettings, HostConfig, MountPoint, MountRequest } from "../wire/docker.ts";
import type { ChainId, DiffId, Digest, ImageId } from "../wire/oci.ts";

/** Who asked for something: the client's uid and pid where the socket tells, and its User-Agent. */
export interface Actor {
  uid?: number;
  pid?: number;
  client?: string;
  /** The user of the command line, as it says itself. */
  user?: string;
}

export interface ImageRow {
  id: ImageId;
  /** RFC 3339 as in the config; "" where it has none. */
  created: string;
  /** `created` in ms since 1970; 0 where it has none. */
  createdMs: number;
  os: string;
  architecture: string;
  variant?: string;
  /** The local image it was committed or built from. */
  parent?: ImageId;
  /** Bottom to top, one per layer; layers with equal content in one image stand once per occurrence. */
  chainIds: readonly ChainId[];
  diffIds: readonly DiffId[];
  labels: Readonly<Record<string, string>>;
  /** Bytes of all its layers unpacked. */
  sizeBytes: number;
  configSizeBytes: number;
  /** Manifests known to describe this image (blobs kept in content), newest last. */
  manifests: readonly { digest: Digest; mediaType: string; sizeBytes: number; repository?: string }[];
  origin: { how: "pull" | "load" | "import" | "commit" | "build"; from?: string; atMs: number; by: Actor };
  lastTaggedMs: number;
  lastUsedMs?: number;
  lastUsedBy?: Actor;
  useCount: number;
}

/** A name of an image. `name` is canonical and full: `docker.io/library/busybox:1.36` or `docker.io/library/busybox@sha256:…`. */
export interface RefRow {
  name: string;
  repository: string;
  tag?: string;
  digest?: Digest;
  imageId: ImageId;
  taggedMs: number;
}

/** A layer in its place above its parents. */
export interface LayerRow {
  chainId: ChainId;
  diffId: DiffId;
  parent?: ChainId;
  sizeBytes: number;
}

/** The unpacked content of a layer: one directory, whatever number of chains it stands in. */
export interface DiffRow {
  diffId: DiffId;
  /** Directory name under layers/. Short, since it stands in overlay mount options. */
  directory: string;
  /** Bytes of the files' contents (apparent, hard links once): what Docker calls the layer's size. */
  sizeBytes: number;
  /** Bytes on the disk that go when the directory and its recipe go. */
  diskBytes: number;
  /** Bytes of the tar. */
  tarBytes: number;
  entries: number;
  /** Compressed forms known to exist in registries: a push can mount or fetch them instead of making another. */
  sources: readonly { digest: Digest; mediaType: string; sizeBytes: number; repository: string }[];
}

export interface BlobRow {
  digest: Digest;
  sizeBytes: number;
  mediaType: string;
}

/** Something in progress that must not lose what it has so far. */
export interface LeaseRow {
  id: string;
  purpose: string;
  createdMs: number;
  expiresMs: number;
  images: readonly ImageId[];
  diffs: readonly DiffId[];
  chains: readonly ChainId[];
  blobs: readonly Digest[];
}

/** A mount as the API shows it, and as it was asked for (options the API does not show). */
export interface MountRow extends MountPoint {
  request?: MountRequest;
}

export interface ContainerRow {
  id: string;
  /** Without the leading slash. */
  name: string;
  /** RFC 3339 with nanoseconds. */
  created: string;
  createdMs: number;
  /** Process to run after merging image and request. */
  path: string;
  args: readonly string[];
  imageId: ImageId;
  /** The reference used at creation, as typed. */
  imageRef: string;
  /** Image config merged with the request. */
  config: ContainerConfig;
  hostConfig: HostConfig;
  state: ContainerState;
  /** Top layer of the image; undefined for an image without layers. */
  chainId?: ChainId;
  diffIds: readonly DiffId[];
  mounts: readonly MountRow[];
  /** By network name, the given and (while running) the allocated parts. */
  networks: Readonly<Record<string, EndpointSettings>>;
  /** By network name: what the network workshop needs to take an attachment down again; set while attached. */
  attachments?: Readonly<Record<string, unknown>>;
  /** What was really published, by "80/tcp". */
  ports?: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>;
  restartCount: number;
  hasBeenStarted: boolean;
  manuallyStopped: boolean;
  /** What the image gives it is still being copied: a daemon that finds this when it begins removes it, for nobody was told of it. */
  creating?: boolean;
  /** A start is under way: a daemon that finds this when it begins takes away what that start had made. */
  starting?: boolean;
  /** Directory name of the read-write layer under rw/. */
  directory: string;
  /** Bytes of the read-write layer when it was last measured; undefined while it may have changed since. */
  sizeRwBytes?: number;
  /** With its directories on the disk; unset too while nobody has asked. */
  diskRwBytes?: number;
  /** Which runtime it was started with, e.g. "crun". */
  runtime?: string;
  /** Shim socket, bundle…: what the runtime needs to find it again after a restart of the daemon. */
  task?: Readonly<Record<string, unknown>>;
  by: Actor;
}

export interface VolumeRow {
  name: string;
  driver: "local";
  created: string;
  createdMs: number;
  labels: Readonly<Record<string, string>>;
  options: Readonly<Record<string, string>>;
  anonymous: boolean;
  /** For anonymous ones: the container, image and path it was made for. */
  madeFor?: { containerId: string; image: string; path: string };
  /** Bytes when last measured; undefined while it may have changed since. */
  sizeBytes?: number;
  /** With its directories on the disk, measured together with it. */
  diskBytes?: number;
  lastUsedMs?: number;
}

export interface NetworkRow {
  id: string;
  name: string;
  driver: "bridge" | "host" | "null";
  created: string;
  createdMs: number;
  internal: boolean;
  attachable: boolean;
  enableIPv6: boolean;
  ipam: { driver: string; options: Record<string, string> | null; config: { Subnet?: string; IPRange?: string; Gateway?: string; AuxiliaryAddresses?: Record<string, string> }[] };
  options: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Kernel name of the bridge. */
  bridge?: string;
  /** Families whose subnet was chosen by the engine, not by the user: no address of it can be asked for. */
  automaticSubnets?: readonly (4 | 6)[];
  predefined: boolean;
}

/** A Docker event as kept: `seq` grows by one each. */
export interface EventRow {
  seq: number;
  type: string;
  action: string;
  actorId: string;
  attributes: Readonly<Record<string, string>>;
  /** ns since 1970, as a decimal string (beyond a number's precision). */
  timeNano: string;
  by?: Actor;
}

/** Something that must not go until it is unpinned. Kind + id. */
export interface PinRow {
  key: string;
  kind: "image" | "container" | "volume" | "network";
  id: string;
  reason?: string;
  createdMs: number;
  by: Actor;
}

/** A plan of removal kept for its token: `text` is the engine's. Goes when it is too old. */
export interface PlanRow {
  token: string;
  createdMs: number;
  text: string;
}
