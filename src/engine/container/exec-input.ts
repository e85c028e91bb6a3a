// What the runtime needs to know of a further process in a container.
import { internal } from "../../base/errors.ts";
import { type ExecCreate, thisHost } from "../../runtime/runtime.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { containerUser } from "./container-user.ts";
import type { ExecConfig } from "./exec-table.ts";
import { processEnv } from "./process-env.ts";
import { withHome } from "./spec-input.ts";

export async function execInput(engine: Pick<Engine, "store">, row: ContainerRow, execId: string, config: ExecConfig, consoleSize?: readonly [number, number] | null): Promise<ExecCreate> {
  const terminal = config.Tty === true;
  const user = await containerUser(engine, row, (config.User ?? "") === "" ? (row.config.User ?? "") : (config.User ?? ""));
  const [height, width] = consoleSize ?? config.ConsoleSize ?? [0, 0];
  const cwd = config.WorkingDir || row.config.WorkingDir || "/";
  if (!cwd.startsWith("/")) throw internal(`OCI runtime exec failed: exec failed: Cwd must be an absolute path`);
  return {
    execId,
    args: config.Cmd ?? [],
    env: withHome(processEnv(row, { terminal, more: config.Env ?? [] }), user.home),
    cwd,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    terminal,
    ...(terminal && height > 0 && width > 0 ? { consoleSize: [height, width] as [number, number] } : {}),
    stdin: config.AttachStdin === true,
    hostConfig: row.hostConfig,
    ...(config.Privileged === true ? { capabilities: thisHost().capabilities() } : {}),
  };
}
