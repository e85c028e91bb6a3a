// One line of comma-separated values with quotes, as --mount and --network take them.
import { failure } from "../failure.ts";

export function splitCsv(text: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const quoted = /"((?:[^"]|"")*)"/y;
      quoted.lastIndex = at;
      const match = quoted.exec(text);
      if (!match) throw failure(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`);
      fields.push(match[1]!.replaceAll('""', '"'));
      at = quoted.lastIndex;
    } else {
      const end = text.indexOf(",", at);
      const field = text.slice(at, end < 0 ? text.length : end);
      const quote = field.indexOf('"');
      if (quote >= 0) throw failure(`parse error on line 1, column ${at + quote + 1}: bare " in non-quoted-field`);
      fields.push(field);
      at += field.length;
    }
    if (at >= text.length) return fields;
    at++;
  }
}
