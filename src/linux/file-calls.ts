// The system calls on files that node:fs lacks: device nodes, extended attributes, exact times, mounts, chroot, confined opens.
// Paths are bytes-safe: file names need not be UTF-8, so they travel as latin1 strings ("byte strings") in the workers.
import { dlopen, FFIType, ptr, read } from "bun:ffi";
import { systemError } from "../base/system-error.ts";

const { i32, u32, u64, i64_fast, ptr: pointer } = FFIType;

export interface FileCalls {
  mknod(path: Uint8Array, mode: number, major: number, minor: number): void;
  lchown(path: Uint8Array, uid: number, gid: number): void;
  /** Sets access and modification time, not following a link. */
  setTimes(path: Uint8Array, seconds: bigint, nanoseconds: number): void;
  setXattr(path: Uint8Array, name: string, value: Uint8Array): void;
  /** undefined where there is none (or the file system has none at all). */
  getXattr(path: Uint8Array, name: string): Uint8Array | undefined;
  listXattrs(path: Uint8Array): string[];
  rename(directoryFd: number, from: Uint8Array, toDirectoryFd: number, to: Uint8Array): void;
  chroot(path: Uint8Array): void;
  fchdir(fd: number): void;
  mount(source: string, target: string, type: string, flags: bigint, data: string): void;
  /** False if nothing was mounted there. */
  unmount(target: string, flags: number): boolean;
  /** openat2: `path` below `directoryFd` as if that were the root; links can't lead out. */
  openInRoot(directoryFd: number, path: string, flags: number): number;
  /** Next data (whence 3) or hole (4) from `offset`; -1 at the end. */
  seek(fd: number, offset: number, whence: number): number;
}

export const AT_FDCWD = -100;
export const MNT_DETACH = 2;

const SYS_OPENAT2 = 437n;
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_IN_ROOT = 0x10n;
const AT_SYMLINK_NOFOLLOW = 0x100;
const ENODATA = 61;
const EOPNOTSUPP = 95;
const EINVAL = 22;
const ENXIO = 6;
const ENOENT = 2;

export function openFileCalls(): FileCalls {
  const { symbols: c } = dlopen("libc.so.6", {
    mknod: { args: [pointer, u32, u64], returns: i32 },
    lchown: { args: [pointer, u32, u32], returns: i32 },
    utimensat: { args: [i32, pointer, pointer, i32], returns: i32 },
    lsetxattr: { args: [pointer, pointer, pointer, u64, i32], returns: i32 },
    lgetxattr: { args: [pointer, pointer, pointer, u64], returns: i64_fast },
    llistxattr: { args: [pointer, pointer, u64], returns: i64_fast },
    renameat: { args: [i32, pointer, i32, pointer], returns: i32 },
    chroot: { args: [pointer], returns: i32 },
    fchdir: { args: [i32], returns: i32 },
    mount: { args: [pointer, pointer, pointer, u64, pointer], returns: i32 },
    umount2: { args: [pointer, i32], returns: i32 },
    lseek: { args: [i32, FFIType.i64, i32], returns: i64_fast },
    syscall: { args: [u64, u64, pointer, pointer, u64], returns: i64_fast },
    __errno_location: { args: [], returns: pointer },
  });
  const errno = (): number => {
    const at = c.__errno_location();
    return at === null ? 0 : read.i32(at);
  };
  const check = (result: number | bigint, call: string): void => {
    if (Number(result) < 0) throw systemError(errno(), call);
  };
  /**
   * For calls whose failures are answers. Between a call and the look at errno the runtime may do calls of its own (its memory's),
   * so an errno that is no answer is asked for again: "/" was once told not to exist.
   */
  const ask = (call: () => number | bigint, answers: readonly number[], name: string): number | undefined => {
    let error = 0;
    for (let attempt = 0; attempt < 3; attempt++) {
      const result = Number(call());
      if (result >= 0) return result;
      error = errno();
      if (answers.includes(error)) return undefined;
    }
    throw systemError(error, name);
  };
  const times = new BigInt64Array(4);
  const timesAt = ptr(times);
  const buffer = new Uint8Array(65536);

  return {
    mknod: (path, mode, major, minor) => check(c.mknod(path, mode, deviceNumber(major, minor)), "mknod"),
    lchown: (path, uid, gid) => check(c.lchown(path, uid, gid), "lchown"),
    setTimes(path, seconds, nanoseconds) {
      times[0] = times[2] = seconds;
      times[1] = times[3] = BigInt(nanoseconds);
      check(c.utimensat(AT_FDCWD, path, timesAt, AT_SYMLINK_NOFOLLOW), "utimensat");
    },
    setXattr(path, name, value) {
      // an empty array has no address
      check(c.lsetxattr(path, cString(name), value.length === 0 ? buffer : value, BigInt(value.length), 0), "lsetxattr");
    },
    getXattr(path, name) {
      const length = ask(() => c.lgetxattr(path, cString(name), buffer, BigInt(buffer.length)), [ENODATA, EOPNOTSUPP], "lgetxattr");
      return length === undefined ? undefined : buffer.slice(0, length);
    },
    listXattrs(path) {
      const length = ask(() => c.llistxattr(path, buffer, BigInt(buffer.length)), [EOPNOTSUPP], "llistxattr") ?? 0;
      return new TextDecoder().decode(buffer.subarray(0, length)).split("\0").filter((name) => name !== "");
    },
    rename: (fromFd, from, toFd, to) => check(c.renameat(fromFd, from, toFd, to), "renameat"),
    chroot: (path) => check(c.chroot(path), "chroot"),
    fchdir: (fd) => check(c.fchdir(fd), "fchdir"),
    mount: (source, target, type, flags, data) => check(c.mount(cString(source), cString(target), cString(type), flags, cString(data)), `mount ${target}`),
    unmount(target, flags) {
      return ask(() => c.umount2(cString(target), flags), [EINVAL, ENOENT], `umount ${target}`) !== undefined;
    },
    openInRoot(directoryFd, path, flags) {
      const how = new BigUint64Array([BigInt(flags), 0n, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS]);
      const fd = Number(c.syscall(SYS_OPENAT2, BigInt(directoryFd), cString(path), how, BigInt(how.byteLength)));
      check(fd, "openat2");
      return fd;
    },
    seek(fd, offset, whence) {
      return ask(() => c.lseek(fd, BigInt(offset), whence), [ENXIO], "lseek") ?? -1;
    },
  };
}

/** glibc's makedev. */
export function deviceNumber(major: number, minor: number): bigint {
  const [M, m] = [BigInt(major), BigInt(minor)];
  return ((M & 0xffff_f000n) << 32n) | ((M & 0xfffn) << 8n) | ((m & 0xffff_ff00n) << 12n) | (m & 0xffn);
}

export function deviceMajorMinor(device: bigint): [number, number] {
  const major = ((device >> 32n) & 0xffff_f000n) | ((device >> 8n) & 0xfffn);
  const minor = ((device >> 12n) & 0xffff_ff00n) | (device & 0xffn);
  return [Number(major), Number(minor)];
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

