// Bytes as people read them: decimal units, up to four digits (8.119GB).

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

export function humanSize(sizeBytes: number, digits = 4): string {
  let value = sizeBytes;
  let step = 0;
  while (value >= 1000 && step < UNITS.length - 1) {
    value /= 1000;
    step++;
  }
  return `${Number(value.toPrecision(digits))}${UNITS[step]}`;
}
