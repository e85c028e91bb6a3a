// Run by bun inside a container: what the kernel says to system calls with senseless arguments. Prints {"name":errno}; 0 if it was done.
import { dlopen, FFIType, read } from "bun:ffi";

const { i64_fast: long, i64, ptr } = FFIType;
const { symbols: c } = dlopen("libc.so.6", {
  syscall: { args: [i64, i64, i64, i64, i64, i64, i64], returns: long },
  __errno_location: { args: [], returns: ptr },
});

/** name=number[,argument…] as words */
const calls = process.argv.slice(2).map((word) => word.split("="));
const answers: Record<string, number> = {};
for (const [name = "", text = ""] of calls) {
  const [call = 0, one = 0, two = 0, three = 0, four = 0, five = 0, six = 0] = text.split(",").map(Number);
  const result = Number(c.syscall(BigInt(call), BigInt(one), BigInt(two), BigInt(three), BigInt(four), BigInt(five), BigInt(six)));
  const at = c.__errno_location();
  answers[name] = result >= 0 || at === null ? 0 : read.i32(at);
}
console.log(JSON.stringify(answers));
