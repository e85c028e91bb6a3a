// How a job says that it failed: with a kind, since the daemon turns it into an error for the caller.
import { systemErrorText } from "../../base/system-error.ts";
import { TarError } from "../../wire/tar/tar-header.ts";
import type { JobError } from "./jobs.ts";

export class JobFailure extends Error {
  constructor(readonly error: JobError) {
    super(error.message);
  }
}

export function failJob(kind: JobError["kind"], message: string, code?: string): never {
  throw new JobFailure({ kind, message, ...(code === undefined ? {} : { code }) });
}

export const BAD_ARCHIVE = "EBADTAR";

/** The archive is not the one of that digest. */
export function otherBytes(digest: string): JobFailure {
  return new JobFailure({ kind: "invalid", message: `filesystem layer verification failed for digest ${digest}` });
}

const FAULTY_STREAM = /^(Z_|ERR_|ZSTD)|zstd|unexpected end of file|incorrect header|invalid|corrupt|unexpected EOF/i;

/** What to tell the daemon about anything thrown. */
export function jobErrorOf(error: unknown): JobError {
  if (error instanceof JobFailure) return error.error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return { kind: "internal", message: "no space left on device", code };
  if (error instanceof TarError) return { kind: "invalid", message, code: BAD_ARCHIVE };
  if (code === BAD_ARCHIVE) return { kind: "invalid", message, code };
  if (FAULTY_STREAM.test(code) || (code === "" && FAULTY_STREAM.test(message))) return { kind: "invalid", message: streamText(message), code: BAD_ARCHIVE };
  return { kind: "internal", message: systemErrorText(error) ?? message, ...(code === "" ? {} : { code }) };
}

/** zlib's words in those of Go. */
function streamText(message: string): string {
  if (/unexpected end/i.test(message)) return "unexpected EOF";
  if (/incorrect data check|crc/i.test(message)) return "gzip: invalid checksum";
  if (/incorrect header/i.test(message)) return "gzip: invalid header";
  return message;
}
