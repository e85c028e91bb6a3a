// One bash for a whole scenario, so that variables live on from step to step.
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface StepResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

const STEP_DEADLINE_MS = 60_000;

export class Shell implements Disposable {
  private readonly child: ChildProcess;
  private rest = "";
  private waiting: ((line: string) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  /** `directory` is where the steps run; `enter` goes before bash. */
  constructor(
    private readonly directory: string,
    env: Readonly<Record<string, string>>,
    enter: readonly string[],
  ) {
    const [program = "", ...args] = [...enter, "bash", "--noprofile", "--norc"];
    this.child = spawn(program, args, { cwd: directory, env, detached: true, stdio: ["pipe", "ignore", "inherit", "pipe"] });
    (this.child.stdio[3] as Readable).setEncoding("utf8").on("data", (text: string) => this.receive(text));
    this.child.on("exit", () => this.failed?.(new Error("the scenario's shell ended")));
    this.child.stdin?.write(`. ${JSON.stringify(join(import.meta.dir, "prelude.sh"))}\n`);
  }

  async run(command: string): Promise<StepResult> {
    const file = (name: string): string => join(this.directory, `.${name}`);
    writeFileSync(file("step"), `${command}\n`);
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no end after ${STEP_DEADLINE_MS} ms: ${command}`)), STEP_DEADLINE_MS);
      this.waiting = (text) => (clearTimeout(timer), resolve(text));
      this.failed = (error) => (clearTimeout(timer), reject(error));
      this.child.stdin?.write(`. ./.step >./.out 2>./.err </dev/null 3>&-; echo $? >&3\n`);
    });
    return { stdout: readFileSync(file("out"), "utf8"), stderr: readFileSync(file("err"), "utf8"), exitCode: Number(line) };
  }

  [Symbol.dispose](): void {
    this.failed = undefined;
    try {
      process.kill(-(this.child.pid ?? 0), "SIGKILL");
    } catch {
      // ended
    }
  }

  private receive(text: string): void {
    this.rest += text;
    const end = this.rest.indexOf("\n");
    if (end < 0) return;
    const line = this.rest.slice(0, end);
    this.rest = this.rest.slice(end + 1);
    this.waiting?.(line);
  }
}
