// A further process in a running container: its own pipes, nothing logged.
import { join } from "node:path";
import { execError } from "./error-text.ts";
import type { FileCalls } from "../linux/file-calls.ts";
import { Output } from "./output.ts";
import type { SpecProcess } from "./oci-spec.ts";
import type { AttachStreams, ExecCreate } from "./runtime.ts";
import { inherited } from "./spec.ts";
import { thisHost } from "./spec-host.ts";
import { Stdin } from "./stdin.ts";
import { fifoPaths, makeFifos, removeFifos, type Task } from "./task.ts";

/** How long to wait for streams that something else holds open after the process's end. */
export const DRAIN_MS = 2_000;

export async function startExec(calls: FileCalls, task: Task, input: ExecCreate): Promise<{ pid: number; streams: AttachStreams; exited: Promise<number> }> {
  const { client } = task.shim;
  const fifos = fifoPaths(join(task.stored.bundle), input.execId, input);
  makeFifos(calls, fifos);
  const output = new Output(fifos, undefined);
  const stdin = fifos.stdin === "" ? undefined : new Stdin(fifos.stdin, true, () => client.closeStdin(task.id, input.execId));
  const close = (): void => {
    output.close();
    stdin?.close();
    removeFifos(fifos);
    task.execs.delete(input.execId);
  };
  task.execs.add(input.execId);
  try {
    await client.exec({ id: task.id, execId: input.execId, terminal: input.terminal, ...fifos, process: processOf(input) });
    const attached = output.attach();
    const waiting = client.wait(task.id, input.execId);
    waiting.catch(() => undefined);
    let pid: number;
    try {
      pid = await client.start(task.id, input.execId);
    } catch (error) {
      await client.delete(task.id, input.execId).catch(() => undefined);
      throw error;
    }
    output.begin();
    if (input.terminal && input.consoleSize !== undefined) await client.resize(task.id, input.consoleSize[0], input.consoleSize[1], input.execId).catch(() => undefined);
    const exited = (async () => {
      try {
        const { exitCode } = await waiting;
        await drain(output);
        await client.delete(task.id, input.execId).catch(() => undefined);
        return exitCode;
      } catch {
        // the container or its shim ended with the exec in it
        return 137;
      } finally {
        close();
      }
    })();
    return { pid, streams: { ...attached, ...(stdin === undefined ? {} : { stdin: stdin.client() }) }, exited };
  } catch (error) {
    close();
    throw execError(error, input.args[0] ?? "");
  }
}

/** Everything written so far is through, or what is left is held up by somebody else. */
export async function drain(output: Output): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
  await Promise.race([output.ended, late]);
  clearTimeout(timer);
}

function processOf(input: ExecCreate): SpecProcess {
  const capabilities = input.capabilities === undefined ? undefined : [...input.capabilities];
  return {
    terminal: input.terminal,
    ...(input.consoleSize === undefined ? {} : { consoleSize: { height: input.consoleSize[0], width: input.consoleSize[1] } }),
    user: { uid: input.user.uid, gid: input.user.gid, additionalGids: [...input.user.additionalGids] },
    args: [...input.args],
    env: [...input.env],
    cwd: input.cwd,
    ...(input.hostConfig === undefined ? {} : inherited(input.hostConfig, thisHost())),
    ...(capabilities === undefined ? {} : { capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities } }),
    ...(input.noNewPrivileges === undefined ? {} : { noNewPrivileges: input.noNewPrivileges }),
    ...(input.apparmorProfile === undefined ? {} : { apparmorProfile: input.apparmorProfile }),
  };
}
