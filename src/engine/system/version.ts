// GET /version
import { arch, release } from "node:os";
import { API_VERSION, BERTH_VERSION, MIN_API_VERSION } from "../../config.ts";
import type { Engine } from "../engine.ts";

const ARCH: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", arm: "arm", arm64: "arm64", riscv64: "riscv64", ppc64: "ppc64le", s390x: "s390x" };

/** As Go names it. */
export function goArch(): string {
  return ARCH[arch()] ?? arch();
}

export function systemVersion(engine: Pick<Engine, "runtime">): object {
  const details = {
    ApiVersion: API_VERSION,
    Arch: goArch(),
    BuildTime: "",
    Experimental: "false",
    GitCommit: "",
    GoVersion: `bun${process.versions["bun"] ?? ""}`,
    KernelVersion: release(),
    MinAPIVersion: MIN_API_VERSION,
    Os: "linux",
  };
  return {
    Platform: { Name: "berth" },
    Components: [
      { Name: "Engine", Version: BERTH_VERSION, Details: details },
      { Name: "containerd-shim-runc-v2", Version: engine.runtime.shimVersion, Details: { GitCommit: "" } },
      ...Object.entries(engine.runtime.runtimes).map(([name, { version }]) => ({ Name: name, Version: version, Details: { GitCommit: "" } })),
    ],
    Version: BERTH_VERSION,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    GitCommit: "",
    GoVersion: details.GoVersion,
    Os: "linux",
    Arch: details.Arch,
    KernelVersion: details.KernelVersion,
    BuildTime: "",
  };
}
