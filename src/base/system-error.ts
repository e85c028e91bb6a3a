// Failed system calls in the words of C's library, which Go's programs print too.

const ERRORS: Readonly<Record<number, readonly [code: string, text: string]>> = {
  1: ["EPERM", "operation not permitted"],
  2: ["ENOENT", "no such file or directory"],
  5: ["EIO", "input/output error"],
  6: ["ENXIO", "no such device or address"],
  9: ["EBADF", "bad file descriptor"],
  11: ["EAGAIN", "resource temporarily unavailable"],
  12: ["ENOMEM", "cannot allocate memory"],
  13: ["EACCES", "permission denied"],
  16: ["EBUSY", "device or resource busy"],
  17: ["EEXIST", "file exists"],
  18: ["EXDEV", "invalid cross-device link"],
  19: ["ENODEV", "no such device"],
  20: ["ENOTDIR", "not a directory"],
  21: ["EISDIR", "is a directory"],
  22: ["EINVAL", "invalid argument"],
  23: ["ENFILE", "too many open files in system"],
  24: ["EMFILE", "too many open files"],
  26: ["ETXTBSY", "text file busy"],
  27: ["EFBIG", "file too large"],
  28: ["ENOSPC", "no space left on device"],
  30: ["EROFS", "read-only file system"],
  31: ["EMLINK", "too many links"],
  32: ["EPIPE", "broken pipe"],
  34: ["ERANGE", "numerical result out of range"],
  36: ["ENAMETOOLONG", "file name too long"],
  38: ["ENOSYS", "function not implemented"],
  39: ["ENOTEMPTY", "directory not empty"],
  40: ["ELOOP", "too many levels of symbolic links"],
  95: ["EOPNOTSUPP", "operation not supported"],
  97: ["EAFNOSUPPORT", "address family not supported by protocol"],
  98: ["EADDRINUSE", "address already in use"],
  99: ["EADDRNOTAVAIL", "cannot assign requested address"],
  101: ["ENETUNREACH", "network is unreachable"],
  104: ["ECONNRESET", "connection reset by peer"],
  110: ["ETIMEDOUT", "connection timed out"],
  111: ["ECONNREFUSED", "connection refused"],
  122: ["EDQUOT", "disk quota exceeded"],
};

/** `errno` is positive, as the kernel's headers have it. */
export function errnoText(errno: number): string {
  return ERRORS[errno]?.[1] ?? `errno ${errno}`;
}

/** Node's shape of a failed system call. */
export function systemError(errno: number, call: string): NodeJS.ErrnoException {
  const code = ERRORS[errno]?.[0] ?? `E${errno}`;
  return Object.assign(new Error(`${code}: ${errnoText(errno)}, ${call}`), { code, errno: -errno, syscall: call });
}

/** What went wrong, without where, of what Node throws for a failed system call; undefined of all else. */
export function systemErrorReason(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return Object.values(ERRORS).find(([known]) => known === code)?.[1];
}

/** `open /path: file name too long`, as Go's programs say it; undefined of what is no failed system call. */
export function systemErrorText(error: unknown): string | undefined {
  const { syscall, path, errno, message = "" } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = systemErrorReason(error);
  // where a path is longer than the kernel takes, Bun names the call in the message alone
  const call = syscall ?? (typeof errno === "number" ? /^E[A-Z]+: [^,]+, (\w+)/.exec(message)?.[1] : undefined);
  return call !== undefined && reason !== undefined ? `${call}${path === undefined ? "" : ` ${path}`}: ${reason}` : undefined;
}
