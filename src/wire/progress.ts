// Progress as JSON lines: what pull, push, load, import and build write.

export interface ProgressMessage {
  status?: string;
  id?: string;
  progress?: string;
  progressDetail?: { current?: number; total?: number; units?: string; hidecounts?: boolean };
  stream?: string;
  aux?: unknown;
  error?: string;
  errorDetail?: { code?: number; message?: string };
}

export type ProgressSink = (message: ProgressMessage) => void;

/** One line, ended as Docker ends it. */
export function writeProgress(message: ProgressMessage): string {
  return `${JSON.stringify(message)}\r\n`;
}
