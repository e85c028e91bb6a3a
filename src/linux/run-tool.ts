// Runs one of the system's tools to its end: text in, text out, bounded in time.
import { internal } from "../base/errors.ts";

export interface ToolResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Its exit code is the caller's to judge; a tool that is missing or hangs is `internal`. */
export async function runTool(command: readonly string[], input = "", timeoutMs = 30_000): Promise<ToolResult> {
  const name = command[0] ?? "";
  let child: Bun.Subprocess<"ignore" | Uint8Array<ArrayBuffer>, "pipe", "pipe">;
  try {
    child = Bun.spawn([...command], {
      stdin: input === "" ? "ignore" : new TextEncoder().encode(input),
      stdout: "pipe",
      stderr: "pipe",
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: "C" },
    });
  } catch (error) {
    throw internal(`cannot run ${name}: ${(error as Error).message}`, {}, error);
  }
  const [stdout, stderr, exitCode] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  if (child.signalCode !== null) throw internal(`${name} was ended by ${child.signalCode}`);
  return { exitCode, stdout, stderr };
}
