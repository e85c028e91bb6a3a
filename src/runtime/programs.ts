// The runtimes' programs as shims are told to run them.
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { FileCalls } from "../linux/file-calls.ts";
import { bindReadOnly, releaseReadOnly } from "../linux/read-only-program.ts";
import type { FoundRuntime } from "./runtime-choice.ts";

/** The ones known to be content with a read-only mount; a foreign one may look for what lies beside it. */
const BOUND = ["crun", "runc"];

export class Programs {
  private readonly places = new Map<string, string>();

  constructor(
    private readonly calls: FileCalls,
    directory: string,
    runtimes: Readonly<Record<string, FoundRuntime>>,
    log: Log,
  ) {
    for (const name of BOUND) {
      const program = runtimes[name]?.path;
      if (program === undefined) continue;
      const place = join(directory, name);
      try {
        bindReadOnly(calls, program, place);
        this.places.set(program, place);
      } catch (error) {
        log.debug("a runtime is used where it is", { program, error: messageOf(error) });
      }
    }
  }

  pathOf(program: string): string {
    return this.places.get(program) ?? program;
  }

  release(): void {
    for (const place of this.places.values()) releaseReadOnly(this.calls, place);
  }
}
