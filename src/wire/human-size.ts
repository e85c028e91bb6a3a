// Bytes as people read them: decimal units (8.119GB) or binary ones (7.5MiB).

const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/** 64.2MB: decimal units; list commands show 3 digits, totals 4. */
export function humanSize(sizeBytes: number, digits = 4): string {
  return scaled(sizeBytes, 1000, DECIMAL, digits);
}

/** 7.5MiB: binary units, 4 digits. */
export function binarySize(sizeBytes: number): string {
  return scaled(sizeBytes, 1024, BINARY, 4);
}

function scaled(size: number, base: number, units: readonly string[], digits: number): string {
  let value = size;
  let step = 0;
  while (value >= base && step < units.length - 1) {
    value /= base;
    step++;
  }
  return general(value, digits) + units[step];
}

/** C's %.{digits}g. */
export function general(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [mantissa, exponentText] = value.toExponential(digits - 1).split("e") as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? "-" : "+";
    return `${trim(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return trim(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
