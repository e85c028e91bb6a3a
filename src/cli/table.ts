// Aligned columns as Go's tabwriter makes them with Docker's settings: cells end with a tab, at least 10 wide, 3 apart.
// A column is a run of neighbouring lines that have a cell in it; the last cell of a line is in no column.

/** Aligns text whose lines are tab-separated. */
export function alignColumns(text: string, minWidth = 10, padding = 3, fill = " "): string {
  if (text === "") return "";
  const ended = text.endsWith("\n");
  const lines = (ended ? text.slice(0, -1) : text).split("\n").map((line) => line.split("\t"));
  const out = lines.map(() => "");
  layOut(lines, 0, lines.length, 0, { minWidth, padding, fill, out });
  return out.join("\n") + (ended ? "\n" : "");
}

interface Layout {
  readonly minWidth: number;
  readonly padding: number;
  readonly fill: string;
  readonly out: string[];
}

function layOut(lines: readonly string[][], from: number, to: number, column: number, layout: Layout): void {
  let row = from;
  while (row < to) {
    if (!hasColumn(lines[row]!, column)) {
      layout.out[row] += lines[row]![column] ?? "";
      row++;
      continue;
    }
    let end = row;
    let width = layout.minWidth;
    while (end < to && hasColumn(lines[end]!, column)) {
      width = Math.max(width, cells(lines[end]![column]!) + layout.padding);
      end++;
    }
    for (let line = row; line < end; line++) {
      const cell = lines[line]![column]!;
      layout.out[line] += cell + layout.fill.repeat(width - cells(cell));
    }
    layOut(lines, row, end, column + 1, layout);
    row = end;
  }
}

function hasColumn(line: readonly string[], column: number): boolean {
  return column < line.length - 1;
}

function cells(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Cuts to `width` cells, the last one an ellipsis; wide (CJK) characters take two. */
export function ellipsis(text: string, width: number): string {
  if (width <= 0) return "";
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const char of text) {
    const size = charWidth(char);
    if (used + size > width - 1) break;
    kept += char;
    used += size;
  }
  return `${kept}…`;
}

function displayWidth(text: string): number {
  let total = 0;
  for (const char of text) total += charWidth(char);
  return total;
}

function charWidth(char: string): number {
  const code = char.codePointAt(0)!;
  const wide =
    (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
