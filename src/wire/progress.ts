// Progress of long operations: one JSON object per line, as pull, push, load, import and build send.
import { humanSize } from "./human-size.ts";

export interface ProgressDetail {
  current?: number;
  total?: number;
  units?: string;
  hidecounts?: boolean;
}

export interface ProgressMessage {
  stream?: string;
  status?: string;
  progressDetail?: ProgressDetail;
  /** The bar as text; made from the detail when left out. */
  progress?: string;
  id?: string;
  error?: string;
  errorDetail?: { code?: number; message: string };
  aux?: unknown;
}

export type ProgressSink = (message: ProgressMessage) => void;

/** One line, members in Docker's order. */
export function writeProgress(message: ProgressMessage): string {
  const progress = message.progress ?? (message.progressDetail === undefined ? "" : bar(message.progressDetail));
  return `${JSON.stringify({
    stream: message.stream,
    status: message.status,
    progressDetail: message.progressDetail,
    progress: progress === "" ? undefined : progress,
    id: message.id,
    errorDetail: message.errorDetail,
    error: message.error,
    aux: message.aux,
  })}\r\n`;
}

/** For errors after the first byte: they travel in the stream. */
export function errorProgress(text: string, code?: number): ProgressMessage {
  return { errorDetail: { ...(code === undefined ? {} : { code }), message: text }, error: text };
}

function bar(detail: ProgressDetail): string {
  const { current = 0, total = 0, units = "", hidecounts = false } = detail;
  if (current <= 0 && total <= 0) return "";
  if (total <= 0) return units === "" ? humanSize(current).padStart(8) : `${current} ${units}`;
  const filled = Math.min(50, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const box = `[${"=".repeat(filled)}>${" ".repeat(50 - filled)}] `;
  if (hidecounts) return box;
  if (units !== "") return current > total ? `${box}${current} ${units}` : `${box}${current}/${total} ${units}`;
  const now = humanSize(current).padStart(8);
  return current > total ? box + now : `${box}${now}/${humanSize(total)}`;
}
