// Flags, file and defaults → one frozen Config. (parsing in config-load.ts)

export interface Config {
  /** data-root: everything that must survive. */
  root: string;
  /** exec-root: sockets, bundles, FIFOs, mounts: gone with the machine. */
  runRoot: string;
  /** unix:///PATH, one or more. */
  hosts: readonly string[];
  bridge: string;
  /** Address and prefix of the default bridge, e.g. 172.17.0.1/16. */
  bip: string;
  group: string;
  pidFile?: string;
  defaultRuntime?: string;
  containersPerShim: number;
  registryMirrors: readonly string[];
  insecureRegistries: readonly string[];
  certDirectories: readonly string[];
  /** For what the daemon asks of registries; empty: none. The environment's where nothing else is said. */
  httpProxy: string;
  httpsProxy: string;
  noProxy: string;
  logDriver: string;
  logOptions: Readonly<Record<string, string>>;
  labels: readonly string[];
  dns: readonly string[];
  defaultShmSizeBytes: number;
  maxConcurrentDownloads: number;
  maxConcurrentUploads: number;
  maxDownloadAttempts: number;
  debug: boolean;
  /** Command prefix that starts this executable's workers. */
  workerCommand: readonly string[];
  initPath?: string;
}

/** What the program calls itself. */
export const BERTH_VERSION = "0.1.0";
export const API_VERSION = "1.51";
export const MIN_API_VERSION = "1.24";
