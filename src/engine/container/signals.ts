// Linux signals by name and number, and what counts as a stop.
import { invalid } from "../../base/errors.ts";

const NAMES = [
  "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
  "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
] as const;

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...NAMES.map((name, index): [string, number] => [name, index + 1]),
  ["CLD", 17], ["IOT", 6], ["POLL", 29],
  ["RTMIN", 34], ["RTMAX", 64],
  ...Array.from({ length: 15 }, (_, index): [string, number] => [`RTMIN+${index + 1}`, 35 + index]),
  ...Array.from({ length: 14 }, (_, index): [string, number] => [`RTMAX-${index + 1}`, 63 - index]),
]);

export const SIGKILL = 9;
const SIGTERM = 15;

/** A number or a name, with or without SIG, in any case. */
export function parseSignal(text: string): number {
  const number = /^-?\d+$/.test(text) ? Number(text) : NUMBERS.get(text.toUpperCase().replace(/^SIG/, ""));
  if (number === undefined || number === 0) throw invalid(`invalid signal: ${text}`);
  return number;
}

/** Numbers the kernel knows; 32 and 33 belong to the C library. */
export function isKnownSignal(signal: number): boolean {
  return signal >= 1 && signal <= 64 && signal !== 32 && signal !== 33;
}

/** What a container is stopped with. */
export function stopSignalOf(config: { StopSignal?: string }): number {
  return (config.StopSignal ?? "") === "" ? SIGTERM : parseSignal(config.StopSignal ?? "");
}
