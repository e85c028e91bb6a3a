// What containerd knows of platforms: names of systems and architectures, and how else people spell them.

export const KNOWN_SYSTEMS: ReadonlySet<string> = new Set("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(" "));

export const KNOWN_ARCHITECTURES: ReadonlySet<string> = new Set(
  "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm".split(" "),
);

const SPELLINGS: Readonly<Record<string, string>> = { x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64", i386: "386", i686: "386", armhf: "arm", armel: "arm" };
const OF_NODE: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

export function architectureOf(spelling: string): string {
  return SPELLINGS[spelling] ?? spelling;
}

/** `node:os`'s arch() as Go names it. */
export function architectureOfNode(arch: string): string {
  return OF_NODE[arch] ?? arch;
}
