// Which answers of 500 are right, and why: Docker gives 500 there too, and programs know it. All others are faults.

const REASONS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^(?:Get|Head|Post) "https?:\/\/|^error parsing HTTP |^(?:failed to do request|server gave HTTP response)/, "a registry that cannot be reached or does not speak its language"],
  [/is not paused$/, "unpause of what is not paused"],
  [/ is not connected to (?:the )?network /, "disconnecting what is not connected"],
  [/^strconv\.\w+: parsing "/, "a number in the query that is none"],
  [/^ps: /, "ps of the host refuses the options it was given"],
  [/^--storage-opt is supported only|^Unknown option /, "a storage option that this file system cannot honour"],
  [/^failed to (?:create task for container|set up container networking): /, "a start that the OCI runtime or the network refuses"],
  [/^unable to find (?:user|group) |^uids and gids must be in range /, "a start as a user whom the image does not know"],
  [/^(?:Cannot restart container [^]*|cannot stop container: [^]*): invalid signal: /, "a signal that is none, for restart and stop"],
  [/^cannot (?:pause|resume) container [^]*: cannot \w+ a stopped container$/, "its process ended a moment ago"],
  [/^Invalid escape keys /, "detach keys that are none"],
  [/^syntax error in pattern$/, "a filter by reference that is no pattern"],
  [/^empty string specified for links$/, "a link that is empty"],
  [/: file name too long$/, "a path that no file system can have"],
  [/^invalid --security-opt |^Decoding seccomp profile failed: /, "a security option that is none"],
  [/^stat .*: no such file or directory$/, "a limit for a device that is not there"],
  [/^invalid volume specification: |^invalid mode: /, "a bind that is none: Docker says 500, unlike for other mounts"],
  [/^error while mounting volume |^failed to mount local volume: /, "a volume whose mount the kernel refuses"],
  [/^error gathering device information while adding custom device /, "a device that is not there"],
  [/^Cannot update container [^]*did not terminate successfully: /, "a limit that the OCI runtime cannot set"],
  [/^OCI runtime exec failed: /, "an exec that the OCI runtime refuses"],
  [/^Duplicate mount point: |^invalid mount config/, "mounts that contradict each other"],
];

/** Undefined: it must not be. */
export function reasonOf(message: string): string | undefined {
  // a restart says first that it is one
  const inner = message.replace(/^Cannot restart container [^ ]*: /, "");
  return REASONS.find(([pattern]) => pattern.test(message) || pattern.test(inner))?.[1];
}
