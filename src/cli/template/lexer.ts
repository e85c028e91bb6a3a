// Go template text → pieces: literal text and the tokens inside {{ }}. Trim markers ({{- and -}}) are applied here.

export type TokenKind = "identifier" | "field" | "variable" | "string" | "char" | "number" | "bool" | "nil" | "dot" | "punctuation" | "keyword";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset in the template. */
  readonly at: number;
  /** White space stands before it: `.a .b` is two operands, `.a.b` one. */
  readonly spaced: boolean;
}

export type Piece = { readonly kind: "text"; readonly text: string } | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly at: number };

const KEYWORDS = new Set(["if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"]);

export class TemplateSyntaxError extends Error {
  constructor(template: string, at: number, text: string) {
    super(`template: :${lineOf(template, at)}: ${text}`);
  }
}

export function lineOf(template: string, at: number): number {
  return template.slice(0, at).split("\n").length;
}

export function lexTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  while (at < template.length) {
    const open = template.indexOf("{{", at);
    let text = template.slice(at, open < 0 ? template.length : open);
    if (trimNext) text = text.trimStart();
    trimNext = false;
    if (open < 0) {
      if (text !== "") pieces.push({ kind: "text", text });
      break;
    }
    let start = open + 2;
    if (template[start] === "-" && isSpace(template[start + 1])) {
      text = text.trimEnd();
      start += 1;
    }
    if (text !== "") pieces.push({ kind: "text", text });
    const isComment = template[start] === "/" || isSpace(template[start]) ? template.slice(start).trimStart().startsWith("/*") : false;
    const comment = isComment ? /^\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/.exec(template.slice(start)) : null;
    if (!comment && isComment) throw new TemplateSyntaxError(template, start, "unclosed comment");
    if (comment) {
      at = start + comment[0].length;
      trimNext = comment[1] === "-";
      continue;
    }
    const action = lexAction(template, start, open);
    pieces.push({ kind: "action", tokens: action.tokens, at: open });
    at = action.end;
    trimNext = action.trims;
  }
  return pieces;
}

/** Made when first needed: the names of usual templates do without, and the classes of Unicode take as long to build as a table to be shown. */
let patterns: readonly [TokenKind, RegExp][] | undefined;
const allPatterns = (): readonly [TokenKind, RegExp][] => [
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["char", /'(?:[^'\\\n]|\\.)*'/y],
  ["number", /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)i?/y],
  ["field", /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["variable", /\$[\p{L}\p{Nd}_]*/uy],
  ["identifier", /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["dot", /\./y],
  ["punctuation", /:=|=|\||\(|\)|,/y],
];

/** A field, a variable or an identifier of ASCII letters alone, or undefined. One loop without calls: what is called forty times is compiled. */
function asciiName(template: string, at: number): { kind: TokenKind; text: string } | undefined {
  const first = template[at];
  const kind = first === "." ? "field" : first === "$" ? "variable" : "identifier";
  const start = kind === "identifier" ? at : at + 1;
  for (let end = start; ; end++) {
    const code = template.charCodeAt(end);
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
    const isDigit = code >= 48 && code <= 57 && (end > start || kind === "variable");
    if (isLetter || isDigit) continue;
    return code > 0x7f || (end === start && kind !== "variable") ? undefined : { kind, text: template.slice(at, end) };
  }
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && char.trim() === "";
}

function lexAction(template: string, start: number, open: number): { tokens: Token[]; end: number; trims: boolean } {
  const tokens: Token[] = [];
  let at = start;
  let depth = 0;
  for (;;) {
    const from = at;
    while (isSpace(template[at])) at++;
    const spaced = at > from || from === start;
    if (at >= template.length) throw new TemplateSyntaxError(template, at, depth > 0 ? "unclosed left paren" : "unclosed action");
    const trims = template.startsWith("-}}", at) && spaced;
    if (trims || template.startsWith("}}", at)) {
      if (depth > 0) throw new TemplateSyntaxError(template, at, "unclosed left paren");
      return { tokens, end: at + (trims ? 3 : 2), trims };
    }
    const token = lexToken(template, at, { spaced, open, after: tokens.at(-1)?.kind });
    if (token.text === "(") depth++;
    if (token.text === ")" && --depth < 0) throw new TemplateSyntaxError(template, at, 'unexpected right paren');
    tokens.push(token);
    at += token.text.length;
  }
}

/** What must end before another piece begins. */
const WORDS: readonly (TokenKind | undefined)[] = ["field", "identifier", "variable", "bool", "nil", "keyword"];

function lexToken(template: string, at: number, { spaced, open, after }: { spaced: boolean; open: number; after: TokenKind | undefined }): Token {
  const name = asciiName(template, at);
  if (name) return { kind: wordKind(name.kind, name.text), text: name.text, at, spaced };
  for (const [kind, pattern] of (patterns ??= allPatterns())) {
    pattern.lastIndex = at;
    const match = pattern.exec(template);
    if (match && match[0] !== "" && kind === "number") checkNumber(template, at, match[0]);
    if (match && match[0] !== "" && kind === "char") checkCharacter(template, at, match[0]);
    if (match && match[0] !== "") return { kind: wordKind(kind, match[0]), text: match[0], at, spaced };
  }
  const char = template[at]!;
  if (char === '"') throw new TemplateSyntaxError(template, at, "unterminated quoted string");
  if (char === "`") throw new TemplateSyntaxError(template, at, "unterminated raw quoted string");
  if (char === "'") throw new TemplateSyntaxError(template, at, "unterminated character constant");
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  if ((char === "{" || char === "}") && !spaced && WORDS.includes(after)) throw new TemplateSyntaxError(template, at, `bad character U+${code} '${char}'`);
  if (char === "{" || char === "}") throw new TemplateSyntaxError(template, at, `unexpected "${char}" in operand`);
  if (char.charCodeAt(0) < 0x7f && char > " ") throw new TemplateSyntaxError(template, open, `unexpected "${char}" in command`);
  throw new TemplateSyntaxError(template, open, `unrecognized character in action: U+${code} '${char}'`);
}

function checkNumber(template: string, at: number, text: string): void {
  const tail = /^[\p{L}\p{Nd}_]+/u.exec(template.slice(at + text.length))?.[0];
  if (tail !== undefined) throw new TemplateSyntaxError(template, at, `bad number syntax: ${JSON.stringify(text + tail[0])}`);
}

function checkCharacter(template: string, at: number, text: string): void {
  if (!/^'(?:[^\\]|\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[abfnrtv\\'"]))'$/u.test(text)) throw new TemplateSyntaxError(template, at, `malformed character constant: ${text}`);
}

function wordKind(kind: TokenKind, text: string): TokenKind {
  if (kind !== "identifier") return kind;
  if (KEYWORDS.has(text)) return "keyword";
  if (text === "true" || text === "false") return "bool";
  return text === "nil" ? "nil" : "identifier";
}
