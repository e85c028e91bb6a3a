// The system calls behind namespaces and netlink sockets, through libc. One table per opener; nothing is loaded at import.
import { dlopen, FFIType, read } from "bun:ffi";

const { i32, u32, u64, ptr, cstring } = FFIType;

export interface SocketCalls {
  unshare(flags: number): number;
  setns(fd: number, type: number): number;
  mount(source: Uint8Array, target: Uint8Array, type: Uint8Array, flags: bigint): number;
  umount2(target: Uint8Array, flags: number): number;
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: number): number;
  send(fd: number, bytes: Uint8Array): number;
  /** -1 with EAGAIN when nothing waits. */
  receive(fd: number, buffer: Uint8Array): number;
  close(fd: number): number;
  errno(): number;
}

const MSG_DONTWAIT = 0x40;

export function openSocketCalls(): SocketCalls {
  const { symbols: c } = dlopen("libc.so.6", {
    unshare: { args: [i32], returns: i32 },
    setns: { args: [i32, i32], returns: i32 },
    mount: { args: [ptr, ptr, ptr, u64, cstring], returns: i32 },
    umount2: { args: [ptr, i32], returns: i32 },
    socket: { args: [i32, i32, i32], returns: i32 },
    bind: { args: [i32, ptr, u32], returns: i32 },
    setsockopt: { args: [i32, i32, i32, ptr, u32], returns: i32 },
    send: { args: [i32, ptr, u64, i32], returns: FFIType.i64_fast },
    recv: { args: [i32, ptr, u64, i32], returns: FFIType.i64_fast },
    close: { args: [i32], returns: i32 },
    __errno_location: { args: [], returns: ptr },
  });
  return {
    unshare: (flags) => c.unshare(flags),
    setns: (fd, type) => c.setns(fd, type),
    mount: (source, target, type, flags) => c.mount(source, target, type, flags, null),
    umount2: (target, flags) => c.umount2(target, flags),
    socket: (domain, type, protocol) => c.socket(domain, type, protocol),
    bind: (fd, address) => c.bind(fd, address, address.length),
    setsockopt: (fd, level, name, value) => c.setsockopt(fd, level, name, new Int32Array([value]), 4),
    send: (fd, bytes) => Number(c.send(fd, bytes, BigInt(bytes.length), 0)),
    receive: (fd, buffer) => Number(c.recv(fd, buffer, BigInt(buffer.length), MSG_DONTWAIT)),
    close: (fd) => c.close(fd),
    errno: () => {
      const at = c.__errno_location();
      return at === null ? 0 : read.i32(at);
    },
  };
}

/** A path as C wants it. */
export function cPath(path: string): Uint8Array {
  return new TextEncoder().encode(`${path}\0`);
}
