// The checks that belong to a flag's type word: int, duration, bytes, … with the texts of Go's parsers.
import { parseRamBytes, parseGoDurationNs, parseCpus } from "./units.ts";

/** The complaint about a value of this type, or undefined. */
export function checkFlagValue(type: string, value: string): string | undefined {
  switch (type) {
    case "":
    case "bool":
      return parseBool(value) === undefined ? `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax` : undefined;
    case "int":
    case "int64":
      return checkInteger("ParseInt", value, -(2n ** 63n), 2n ** 63n - 1n);
    case "uint":
    case "uint64":
      return checkInteger("ParseUint", value, 0n, 2n ** 64n - 1n);
    case "uint16":
      return checkInteger("ParseUint", value, 0n, 65_535n);
    case "bytes":
      return complaintOf(() => parseRamBytes(value));
    case "duration":
      return complaintOf(() => parseGoDurationNs(value));
    case "decimal":
      return complaintOf(() => parseCpus(value));
    case "filter":
      return value === "" || value.includes("=") ? undefined : "bad format of filter (expected name=value)";
    default:
      return undefined;
  }
}

function checkInteger(parser: string, value: string, least: bigint, most: bigint): string | undefined {
  const syntax = `strconv.${parser}: parsing ${JSON.stringify(value)}: invalid syntax`;
  const unsigned = parser === "ParseUint";
  if (!(unsigned ? /^\d+$/ : /^[+-]?\d+$/).test(value)) return syntax;
  const number = BigInt(value.replace(/^\+/, ""));
  return number < least || number > most ? `strconv.${parser}: parsing ${JSON.stringify(value)}: value out of range` : undefined;
}

function complaintOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const TRUE: readonly string[] = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE: readonly string[] = ["0", "f", "F", "false", "FALSE", "False"];

/** Go's strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  return TRUE.includes(text) || (FALSE.includes(text) ? false : undefined);
}
