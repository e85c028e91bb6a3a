// Structured log lines on standard error: `time level component message key=value …`.

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(component: string): Log;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export function createLog(level: LogLevel, write: (line: string) => void, component = "berth"): Log {
  const at = (rank: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (RANK[rank] >= RANK[level]) write(`${new Date().toISOString()} ${rank} ${component} ${message}${format(fields)}\n`);
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (name) => createLog(level, write, name),
  };
}

/** A log that says nothing, for tests. */
export const silentLog: Log = createLog("error", () => undefined);

function format(fields: LogFields): string {
  let text = "";
  for (const [key, value] of Object.entries(fields)) text += ` ${key}=${render(value)}`;
  return text;
}

function render(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.stack ?? value.message);
  return typeof value === "string" && /^[\w./:@-]+$/.test(value) ? value : (JSON.stringify(value) ?? "undefined");
}
