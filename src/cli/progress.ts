// What pull, push, load and import report. On a terminal: a bar for each layer and a total with rate and time left;
// elsewhere a line for every change of state, as Docker prints it.
import type { Cli } from "./context.ts";
import { failure } from "./failure.ts";
import { ProgressScreen } from "./progress-screen.ts";

export interface ProgressMessage {
  stream?: string;
  status?: string;
  id?: string;
  from?: string;
  progress?: string;
  progressDetail?: { current?: number; total?: number; units?: string; hidecounts?: boolean };
  aux?: unknown;
  error?: string;
  errorDetail?: { code?: number; message?: string };
}

export interface ProgressTarget {
  /** stderr for `run`, stdout otherwise. */
  readonly stream: "out" | "err";
  onAux?(aux: unknown): void;
}

/** Shows messages until their end; throws the error among them. */
export async function showProgress(cli: Cli, messages: AsyncIterable<ProgressMessage>, { stream, onAux }: ProgressTarget): Promise<void> {
  const write = (text: string) => cli.console[stream](text);
  const screen = cli.console.isTerminal(stream) ? new ProgressScreen(write, () => cli.console.size()?.columns ?? 80) : undefined;
  try {
    for await (const message of messages) {
      if (message.error !== undefined || message.errorDetail) throw progressFailure(message);
      if (message.aux !== undefined) onAux?.(message.aux);
      else if (screen) screen.show(message);
      else write(plainLine(message));
    }
  } finally {
    screen?.end();
  }
}

function progressFailure({ error, errorDetail }: ProgressMessage): Error {
  if (errorDetail?.code === 401) return failure("authentication is required");
  const code = errorDetail?.code;
  return failure(errorDetail?.message ?? error ?? "", code !== undefined && code > 0 && code < 256 ? code : 1);
}

export function plainLine({ stream, status = "", id, from, progress, progressDetail }: ProgressMessage): string {
  if (progressDetail && (progressDetail.current ?? 0) + (progressDetail.total ?? 0) > 0) return "";
  const head = `${id ? `${id}: ` : ""}${from ? `(from ${from}) ` : ""}`;
  if (stream !== undefined && stream !== "") return head + stream;
  if (progress) return `${head}${status} ${progress}`;
  return `${head}${status}\n`;
}
