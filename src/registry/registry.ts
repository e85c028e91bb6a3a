// Door of the registry client: manifests and blobs down and up over the distribution API, with authentication.
import type { Descriptor, Digest } from "../wire/oci.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Transfers } from "./transfers.ts";

export { connectionText } from "./connection-text.ts";
export { openRegistry } from "./open.ts";
export type { JoinOptions, Transfers } from "./transfers.ts";

/** As in X-Registry-Auth. */
export interface AuthConfig {
  username?: string;
  password?: string;
  auth?: string;
  serveraddress?: string;
  identitytoken?: string;
  registrytoken?: string;
}

export interface FetchedManifest {
  bytes: Uint8Array;
  digest: Digest;
  mediaType: string;
}

/** As the API tells it. */
export interface SearchResult {
  star_count: number;
  is_official: boolean;
  name: string;
  is_automated: boolean;
  description: string;
}

export interface BlobOptions {
  signal?: AbortSignal;
  onRetry?: (inSeconds: number) => void;
  /** For errors, as "image config"; a layer where nothing is said. */
  what?: string;
}

export interface UploadOptions {
  signal?: AbortSignal;
  /** Bytes of the blob that are with the registry or on their way; falls back when a try began anew. */
  onProgress?: (bytes: number) => void;
  onRetry?: (inSeconds: number) => void;
}

/** One repository at one registry, for the length of one operation (tokens are kept in it). */
export interface RepositoryClient {
  readonly registry: string;
  readonly path: string;
  /** Fails if no registry answers. */
  reach(signal?: AbortSignal): Promise<void>;
  /** `reference` is a tag or digest; checked against the digest if it is one. */
  manifest(reference: string, signal?: AbortSignal): Promise<FetchedManifest>;
  headManifest(reference: string, signal?: AbortSignal): Promise<{ digest: Digest; mediaType: string; sizeBytes: number } | undefined>;
  tags(signal?: AbortSignal): Promise<string[]>;
  /** The blob from `offset`; retries and resumes by range on its own after a cut; not checked against the digest (the eater does). */
  blob(descriptor: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array>;
  hasBlob(digest: Digest, signal?: AbortSignal): Promise<boolean>;
  /** True if mounted from `from` (another repository path of the same registry). */
  mountBlob(digest: Digest, from: string, signal?: AbortSignal): Promise<boolean>;
  /** `open` gives the bytes anew for each try. */
  pushBlob(descriptor: { digest?: Digest; size?: number }, open: () => AsyncIterable<Uint8Array>, options: UploadOptions): Promise<{ digest: Digest; size: number }>;
  pushManifest(reference: string, bytes: Uint8Array, mediaType: string, signal?: AbortSignal): Promise<Digest>;
}

export interface Registry {
  /** Shared by all operations: how many downloads and uploads run at once, and which of them are the same. */
  readonly transfers: Transfers;
  /** `repository` is canonical, e.g. docker.io/library/busybox or localhost:5000/a/b. */
  repository(repository: string, auth: AuthConfig | undefined, access: "pull" | "push,pull"): RepositoryClient;
  /** Checks credentials as POST /auth does. */
  login(auth: AuthConfig): Promise<{ Status: string; IdentityToken?: string }>;
  search(term: string, limit: number, auth: AuthConfig | undefined): Promise<SearchResult[]>;
  close(): Promise<void>;
}

export interface RegistryOptions {
  mirrors: readonly string[];
  insecureRegistries: readonly string[];
  /** Directories like /etc/docker/certs.d. */
  certDirectories: readonly string[];
  userAgent: string;
  maxAttempts: number;
  maxConcurrentDownloads?: number;
  maxConcurrentUploads?: number;
  timeouts?: Partial<Timeouts>;
  /** For proxies: HTTP_PROXY and the like. */
  environment?: Readonly<Record<string, string | undefined>>;
}
