// Pieces → tree. The grammar of Go's text/template: pipelines, if, range, with, variables, define/template/block.
import { lexTemplate, TemplateSyntaxError, type Piece, type Token } from "./lexer.ts";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "output"; readonly pipe: Pipe }
  | { readonly kind: "if" | "with" | "range"; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }
  | { readonly kind: "template"; readonly name: string; readonly pipe?: Pipe; readonly at: number }
  | { readonly kind: "break" | "continue" };

export interface Pipe {
  /** Variables set by the pipeline; two in a range are index and element. */
  readonly declares: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Operand[][];
  readonly at: number;
}

export type Operand =
  | { readonly kind: "literal"; readonly value: unknown; readonly source: string; readonly at: number }
  | { readonly kind: "nil"; readonly at: number }
  | { readonly kind: "dot"; readonly at: number }
  /** `.A.B`, `$x.A`, `(pipe).A`: fields taken from a start. */
  | { readonly kind: "chain"; readonly start?: Operand; readonly fields: readonly string[]; readonly at: number }
  | { readonly kind: "variable"; readonly name: string; readonly at: number }
  | { readonly kind: "function"; readonly name: string; readonly at: number }
  | { readonly kind: "pipe"; readonly pipe: Pipe; readonly at: number };

export interface Template {
  readonly source: string;
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** Parses, checking that functions exist. Throws TemplateSyntaxError with Go's words. */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(source, lexTemplate(source), functions);
  const body = parser.list();
  if (parser.stopped) throw new TemplateSyntaxError(source, parser.at, `unexpected {{${parser.stopped}}}`);
  return { source, body, defined: parser.defined };
}

class Parser {
  readonly #source: string;
  readonly #pieces: readonly Piece[];
  readonly #functions: ReadonlySet<string>;
  readonly defined = new Map<string, readonly Node[]>();
  #index = 0;
  #variables: string[] = ["$"];
  #rangeDepth = 0;
  at = 0;
  /** `end` or `else`, when a list ended at one. */
  stopped: "" | "end" | "else" = "";
  #elseTokens: readonly Token[] = [];

  constructor(source: string, pieces: readonly Piece[], functions: ReadonlySet<string>) {
    this.#source = source;
    this.#pieces = pieces;
    this.#functions = functions;
  }

  list(): Node[] {
    const nodes: Node[] = [];
    this.stopped = "";
    while (this.#index < this.#pieces.length) {
      const piece = this.#pieces[this.#index++]!;
      if (piece.kind === "text") {
        nodes.push(piece);
        continue;
      }
      this.at = piece.at;
      const first = piece.tokens[0];
      if (!first) throw this.#error("missing value for command");
      if (first.kind !== "keyword") {
        nodes.push({ kind: "output", pipe: this.#pipe(piece.tokens, "command") });
      } else if (first.text === "end" || first.text === "else") {
        this.stopped = first.text;
        this.#elseTokens = piece.tokens.slice(1);
        return nodes;
      } else {
        const node = this.#control(first.text, piece.tokens.slice(1));
        if (node) nodes.push(node);
      }
    }
    return nodes;
  }

  #control(keyword: string, tokens: readonly Token[]): Node | undefined {
    switch (keyword) {
      case "if":
      case "with":
      case "range":
        return this.#branch(keyword, tokens);
      case "break":
      case "continue":
        if (this.#rangeDepth === 0) throw this.#error(`{{${keyword}}} outside {{range}}`);
        return { kind: keyword };
      case "define":
        this.#define(tokens);
        return undefined;
      case "block":
        this.#define(tokens.slice(0, 1));
        return this.#call(tokens);
      default:
        return this.#call(tokens);
    }
  }

  #branch(kind: "if" | "with" | "range", tokens: readonly Token[]): Node {
    const known = this.#variables.length;
    const pipe = this.#pipe(tokens, kind);
    if (kind === "range") this.#rangeDepth++;
    const body = this.#until();
    let otherwise: readonly Node[] = [];
    if (this.stopped === "else") {
      const chained = this.#elseTokens[0];
      if (chained?.kind === "keyword" && (chained.text === "if" || chained.text === "with")) {
        otherwise = [this.#branch(chained.text, this.#elseTokens.slice(1))];
      } else {
        otherwise = this.#until();
        if (this.stopped === "else") throw this.#error("expected end; found {{else}}");
      }
    }
    if (kind === "range") this.#rangeDepth--;
    this.#variables.length = known;
    this.stopped = "";
    return { kind, pipe, body, otherwise };
  }

  #until(): Node[] {
    const known = this.#variables.length;
    const nodes = this.list();
    if (this.stopped === "") throw new TemplateSyntaxError(this.#source, this.#source.length, "unexpected EOF");
    this.#variables.length = known;
    return nodes;
  }

  #define(tokens: readonly Token[]): void {
    const name = tokens[0];
    if (name?.kind !== "string") throw this.#error(`unexpected ${name === undefined ? '"}}"' : JSON.stringify(name.text)} in define clause`);
    const variables = this.#variables;
    this.#variables = ["$"];
    this.defined.set(String(unquote(name.text)), this.#until());
    this.#variables = variables;
    this.stopped = "";
  }

  #call(tokens: readonly Token[]): Node {
    const name = tokens[0];
    if (name?.kind !== "string") throw this.#error(`unexpected ${name === undefined ? '"}}"' : JSON.stringify(name.text)} in template clause`);
    const pipe = tokens.length > 1 ? this.#pipe(tokens.slice(1), "template clause") : undefined;
    return { kind: "template", name: String(unquote(name.text)), pipe, at: name.at };
  }

  #pipe(tokens: readonly Token[], place: string): Pipe {
    let rest = [...tokens];
    const declares: string[] = [];
    let assigns = false;
    const operator = rest.findIndex((token) => token.text === ":=" || token.text === "=");
    if (operator > 0 && rest.slice(0, operator).every((token, index) => (index % 2 === 0 ? token.kind === "variable" : token.text === ","))) {
      declares.push(...rest.slice(0, operator).filter((token) => token.kind === "variable").map((token) => token.text));
      if (declares.length > (place === "range" ? 2 : 1)) throw this.#error(`too many declarations in ${place}`);
      assigns = rest[operator]!.text === "=";
      rest = rest.slice(operator + 1);
    }
    const commands = this.#commands(rest, place);
    if (!assigns) this.#variables.push(...declares);
    return { declares, assigns, commands, at: rest[0]?.at ?? this.at };
  }

  #commands(tokens: Token[], place: string): Operand[][] {
    const commands: Operand[][] = [];
    let current: Operand[] = [];
    let sawPipe = false;
    while (tokens.length > 0) {
      const token = tokens[0]!;
      if (token.text === "|" && token.kind === "punctuation") {
        tokens.shift();
        if (current.length === 0) throw this.#error(`missing value for ${place}`);
        commands.push(current);
        current = [];
        sawPipe = true;
        continue;
      }
      current.push(this.#operand(tokens, place));
    }
    if (current.length === 0) throw this.#error(`missing value for ${sawPipe ? "command" : place}`);
    commands.push(current);
    this.#checkStages(commands);
    return commands;
  }

  #checkStages(commands: readonly Operand[][]): void {
    for (const [index, command] of commands.slice(1).entries()) {
      const first = command[0]!;
      if (first.kind === "literal" || first.kind === "nil" || first.kind === "dot") {
        throw this.#error(`non executable command in pipeline stage ${index + 2}`);
      }
    }
  }

  #operand(tokens: Token[], place: string): Operand {
    const start = this.#term(tokens, place);
    const fields: string[] = [];
    const at = tokens[0]?.at ?? start.at; // Go reports chains at their second link
    while (tokens[0]?.kind === "field" && !tokens[0].spaced) fields.push(tokens.shift()!.text.slice(1));
    if (tokens[0]?.kind === "dot" && !tokens[0].spaced) throw this.#error("unexpected <.> in operand");
    if (fields.length === 0) return start;
    if (start.kind === "chain" && start.start === undefined) return { ...start, fields: [...start.fields, ...fields], at };
    if (start.kind === "literal" || start.kind === "nil") throw this.#error(`unexpected . after term "${start.kind === "nil" ? "nil" : start.source}"`);
    return { kind: "chain", start, fields, at };
  }

  #term(tokens: Token[], place: string): Operand {
    const token = tokens.shift()!;
    const at = token.at;
    switch (token.kind) {
      case "dot":
        return { kind: "dot", at };
      case "nil":
        return { kind: "nil", at };
      case "field":
        return { kind: "chain", fields: [token.text.slice(1)], at };
      case "variable":
        if (!this.#variables.includes(token.text)) throw this.#error(`undefined variable ${JSON.stringify(token.text)}`);
        return { kind: "variable", name: token.text, at };
      case "identifier":
        if (!this.#functions.has(token.text)) throw this.#error(`function ${JSON.stringify(token.text)} not defined`);
        return { kind: "function", name: token.text, at };
      case "string":
      case "char":
      case "number":
      case "bool":
        return { kind: "literal", value: literalValue(token), source: token.text, at };
      default:
        if (token.text === "(") return { kind: "pipe", pipe: this.#parenthesis(tokens), at };
        throw this.#error(`unexpected ${token.kind === "keyword" ? `<${token.text}>` : JSON.stringify(token.text)} in ${place === "command" ? "operand" : place}`);
    }
  }

  #parenthesis(tokens: Token[]): Pipe {
    let depth = 1;
    const inner: Token[] = [];
    while (tokens.length > 0) {
      const token = tokens.shift()!;
      if (token.text === "(" && token.kind === "punctuation") depth++;
      if (token.text === ")" && token.kind === "punctuation" && --depth === 0) break;
      inner.push(token);
    }
    return this.#pipe(inner, "parenthesized pipeline");
  }

  #error(text: string): TemplateSyntaxError {
    return new TemplateSyntaxError(this.#source, this.at, text);
  }
}

function literalValue(token: Token): unknown {
  if (token.kind === "bool") return token.text === "true";
  if (token.kind === "string") return unquote(token.text);
  if (token.kind === "char") return String(unquote(`"${token.text.slice(1, -1)}"`)).codePointAt(0);
  return Number(token.text.replaceAll("_", ""));
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v", "\\": "\\", '"': '"', "'": "'" };

/** A Go string literal's value. */
export function unquote(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  return literal.slice(1, -1).replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/g, (_all, x?: string, u?: string, big?: string, octal?: string, char?: string) => {
    const hex = x ?? u ?? big;
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return ESCAPES[char!] ?? char!;
  });
}
