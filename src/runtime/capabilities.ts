// Capabilities of a container: Docker's default set, and what --cap-add, --cap-drop and --privileged make of it. Pure.
import { invalid } from "../base/errors.ts";

/** In the kernel's order: the index is the number. */
export const CAPABILITIES = [
  "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
] as const;

const DEFAULT_CAPABILITIES = [
  "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
];

const ALL = "ALL";

export interface CapabilityWishes {
  isPrivileged: boolean;
  add: readonly string[];
  drop: readonly string[];
  /** Those the daemon itself may hand on. */
  available: readonly string[];
}

export function containerCapabilities({ isPrivileged, add, drop, available }: CapabilityWishes): string[] {
  if (isPrivileged) return [...available];
  const added = add.map((name) => normalize(name, "CapAdd", available));
  const dropped = drop.map((name) => normalize(name, "CapDrop", available));
  if (added.includes(ALL)) return available.filter((name) => !dropped.includes(name));
  const kept = dropped.includes(ALL) ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.includes(name));
  return [...new Set([...kept, ...added])];
}

function normalize(given: string, field: "CapAdd" | "CapDrop", available: readonly string[]): string {
  const upper = given.trim().toUpperCase();
  if (upper === ALL) return ALL;
  const name = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (!(CAPABILITIES as readonly string[]).includes(name)) throw invalid(`invalid ${field}: unknown capability: "${name}"`);
  if (!available.includes(name)) throw invalid(`invalid ${field}: capability not supported by your kernel or not available in the current environment: "${name}"`);
  return name;
}
