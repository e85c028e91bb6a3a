// Runs a parsed template over a value, with Go's rules for fields, methods, nil, truth and variables, and Go's error texts.
import { callFunction, FUNCTION_NAMES, isRightCount } from "./functions.ts";
import { parseTemplate, type Node, type Operand, type Pipe, type Template } from "./parser.ts";
import { isGoMap, isNil, isTrue, MAP_NAMES, NO_VALUE, printValue, Row, TypedNil, typeName } from "./value.ts";

export interface ExecuteOptions {
  /** A key that a map lacks is an error (inspect) instead of `<no value>`. */
  readonly strictKeys?: boolean;
  /** Gives absent or null members their Go zero value; undefined leaves the member as it is. */
  readonly zeroOf?: (name: string, present: boolean) => unknown;
  /** Functions that change texts leave them alone: column titles pass through. */
  readonly headers?: boolean;
  /** The Go types that maps of the data pretend to be: unknown fields are then `can't evaluate field`. */
  readonly structTypes?: ReadonlyMap<unknown, string>;
}

export class TemplateError extends Error {}

const KNOWN = new Set(FUNCTION_NAMES);

export function compileTemplate(source: string): Template {
  return parseTemplate(source, KNOWN);
}

export function executeTemplate(template: Template, data: unknown, options: ExecuteOptions = {}): string {
  return new Execution(template, options).run(data);
}

const TEXT_FUNCTIONS = new Set(["json", "split", "join", "title", "lower", "upper", "truncate"]);
/** Which of their operands must be texts: it is these that are complained about. */
const TEXT_OPERANDS: Readonly<Record<string, readonly number[]>> = { upper: [0], lower: [0], title: [0], split: [0, 1], join: [1], truncate: [0], pad: [0] };

class LoopSignal {
  constructor(readonly kind: "break" | "continue") {}
}

interface Variable {
  readonly name: string;
  value: unknown;
}

class Execution {
  readonly #template: Template;
  readonly #options: ExecuteOptions;
  #variables: Variable[] = [];
  #out = "";
  /** The member name under which a printed value was found. */
  #lastName = "";

  constructor(template: Template, options: ExecuteOptions) {
    this.#template = template;
    this.#options = options;
  }

  run(data: unknown): string {
    this.#variables = [{ name: "$", value: data }];
    try {
      this.#walkAll(this.#template.body, data);
    } catch (error) {
      if (error instanceof TemplateError) throw Object.assign(error, { output: this.#out });
      throw error;
    }
    return this.#out;
  }

  #walkAll(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) this.#walk(node, dot);
  }

  #walk(node: Node, dot: unknown): void {
    switch (node.kind) {
      case "text":
        this.#out += node.text;
        return;
      case "output": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.declares.length === 0) this.#out += printValue(value, this.#lastName);
        return;
      }
      case "if":
      case "with":
        this.#scoped(() => {
          const value = this.#pipe(node.pipe, dot);
          if (isTrue(value)) this.#walkAll(node.body, node.kind === "with" ? value : dot);
          else this.#walkAll(node.otherwise, dot);
        });
        return;
      case "range":
        this.#scoped(() => this.#range(node, dot));
        return;
      case "template":
        this.#call(node, dot);
        return;
      default:
        throw new LoopSignal(node.kind);
    }
  }

  #range(node: Extract<Node, { kind: "if" | "with" | "range" }>, dot: unknown): void {
    const value = this.#evaluate(node.pipe, dot);
    const entries = this.#entriesOf(value, node.pipe);
    if (entries.length === 0) {
      this.#walkAll(node.otherwise, dot);
      return;
    }
    for (const [key, element] of entries) {
      const [first, second] = node.pipe.declares;
      const stop = this.#scoped(() => {
        if (first !== undefined) this.#declare(node.pipe, first, second === undefined ? element : key);
        if (second !== undefined) this.#declare(node.pipe, second, element);
        return this.#iteration(node.body, element);
      });
      if (stop) return;
    }
  }

  #iteration(body: readonly Node[], element: unknown): boolean {
    try {
      this.#walkAll(body, element);
      return false;
    } catch (signal) {
      if (signal instanceof LoopSignal) return signal.kind === "break";
      throw signal;
    }
  }

  #entriesOf(value: unknown, pipe: Pipe): [unknown, unknown][] {
    if (isNil(value) || value instanceof TypedNil) return [];
    if (Array.isArray(value)) return value.map((item, index) => [index, item]);
    if (isGoMap(value)) return Object.keys(value).toSorted().map((key) => [key, value[key]]);
    if (typeof value === "number") return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index]);
    const last = pipe.commands.at(-1)![0]!;
    throw this.#fail(last.at, sourceOfOperand(last), `range can't iterate over ${printValue(value)}`);
  }

  #call(node: Extract<Node, { kind: "template" }>, dot: unknown): void {
    const body = this.#template.defined.get(node.name);
    if (!body) throw this.#fail(node.at, `{{template ${JSON.stringify(node.name)}}}`, `template ${JSON.stringify(node.name)} not defined`);
    const data = node.pipe ? this.#pipe(node.pipe, dot) : undefined;
    const outer = this.#variables;
    this.#variables = [{ name: "$", value: data }];
    this.#walkAll(body, data);
    this.#variables = outer;
  }

  #scoped<T>(body: () => T): T {
    const known = this.#variables.length;
    try {
      return body();
    } finally {
      this.#variables.length = known;
    }
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    const value = this.#evaluate(pipe, dot);
    for (const name of pipe.declares) this.#declare(pipe, name, value);
    return value;
  }

  #declare(pipe: Pipe, name: string, value: unknown): void {
    const existing = pipe.assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (existing) existing.value = value;
    else if (pipe.assigns) throw this.#fail(pipe.commands.at(-1)![0]!.at, sourceOfOperand(pipe.commands.at(-1)![0]!), `undefined variable: ${name}`);
    else this.#variables.push({ name, value });
  }

  #evaluate(pipe: Pipe, dot: unknown): unknown {
    let value: unknown;
    for (const [index, command] of pipe.commands.entries()) {
      this.#lastName = "";
      value = this.#command(command, dot, index === 0 ? [] : [value]);
    }
    return value;
  }

  #command(command: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    const first = command[0]!;
    const rest = command.slice(1);
    if (first.kind === "function") return this.#function(first, rest, dot, piped);
    if (first.kind === "chain") return this.#chain(first, dot, rest, piped);
    if (rest.length + piped.length > 0) {
      throw this.#fail(first.at, sourceOfOperand(first), `can't give argument to non-function ${sourceOfOperand(first)}`);
    }
    if (first.kind === "nil") throw this.#fail(first.at, "nil", "nil is not a command");
    return this.#operand(first, dot);
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case "literal":
        return operand.value;
      case "nil":
        return undefined;
      case "dot":
        return dot;
      case "variable":
        return this.#variables.findLast((variable) => variable.name === operand.name)?.value;
      case "chain":
        return this.#chain(operand, dot, [], []);
      case "pipe":
        return this.#pipe(operand.pipe, dot);
      default:
        return this.#function(operand, [], dot, []);
    }
  }

  #function(operand: Extract<Operand, { kind: "function" }>, rest: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    const { name, at } = operand;
    if ((name === "and" || name === "or") && rest.length + piped.length > 0) return this.#logic(name, rest, dot, piped);
    const values = [...rest.map((argument) => this.#operand(argument, dot)), ...piped];
    this.#lastName = "";
    if (isRightCount(name, values.length)) for (const index of TEXT_OPERANDS[name] ?? []) if (rest[index]) this.#checkText(rest[index], values[index]);
    if (this.#options.headers && TEXT_FUNCTIONS.has(name)) return values.find((value) => typeof value === "string" && value !== "") ?? values[0];
    try {
      return callFunction(name, values);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (error instanceof TemplateError) throw error;
      const source = [name, ...rest.map(sourceOfOperand)].join(" ");
      if (name === "call") throw this.#fail(at, source, `error calling call: ${text.replace("{}", rest[0] ? sourceOfOperand(rest[0]) : "")}`);
      throw this.#fail(at, text.startsWith("wrong") ? name : source, text.startsWith("wrong") ? text : `error calling ${name}: ${text}`);
    }
  }

  #checkText(operand: Operand, value: unknown): void {
    if (typeof value === "string") return;
    const source = sourceOfOperand(operand);
    if (operand.kind === "nil") throw this.#fail(operand.at, source, "cannot assign nil to string");
    if (operand.kind === "literal") throw this.#fail(operand.at, source, `expected string; found ${source}`);
    throw this.#fail(operand.at, source, isNil(value) ? "invalid value; expected string" : `wrong type for value; expected string; got ${typeName(value)}`);
  }

  #logic(name: "and" | "or", rest: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    let value: unknown;
    for (const argument of rest) {
      value = this.#operand(argument, dot);
      if (isTrue(value) === (name === "or")) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #chain(chain: Extract<Operand, { kind: "chain" }>, dot: unknown, rest: readonly Operand[], piped: readonly unknown[]): unknown {
    let value = chain.start ? this.#operand(chain.start, dot) : dot;
    let holderName = "";
    let ofRow = false;
    for (const [index, name] of chain.fields.entries()) {
      const last = index === chain.fields.length - 1;
      const values = last ? [...rest.map((argument) => this.#operand(argument, dot)), ...piped] : [];
      const holder: unknown = value;
      value = this.#field(holder, name, values, chain, { name: holderName, ofRow });
      ofRow = holder instanceof Row;
      this.#lastName = name;
      holderName = name;
    }
    return value;
  }

  #field(holder: unknown, name: string, values: readonly unknown[], chain: Extract<Operand, { kind: "chain" }>, from: { name: string; ofRow: boolean }): unknown {
    const { ofRow } = from;
    const fail = (text: string) => this.#fail(chain.at, sourceOfOperand(chain), text);
    if (holder instanceof Row) return rowMember(holder, name, values, fail);
    if (holder === NO_VALUE) return NO_VALUE;
    if (isNil(holder)) throw fail(`nil pointer evaluating interface {}.${name}`);
    if (holder instanceof TypedNil) {
      if (holder.kind === "map") return NO_VALUE;
      throw fail(`nil pointer evaluating ${holder.kind === "pointer" ? "*struct" : "[]interface {}"}.${name}`);
    }
    if (!isGoMap(holder)) throw fail(`can't evaluate field ${name} in type ${!ofRow && (chain.fields.length > 1 || chain.start) ? "interface {}" : typeName(holder)}`);
    if (values.length > 0) throw fail(`${name} is not a method but has arguments`);
    return this.#member(holder, name, fail, MAP_NAMES.has(from.name));
  }

  #member(holder: Readonly<Record<string, unknown>>, name: string, fail: (text: string) => TemplateError, isMap: boolean): unknown {
    const present = Object.hasOwn(holder, name);
    const value = present ? holder[name] : undefined;
    if (value === undefined || value === null) {
      const zero = this.#options.zeroOf?.(name, present);
      if (zero !== undefined) return zero;
    }
    if (present) return value;
    if (isMap) return NO_VALUE;
    const type = this.#options.structTypes?.get(holder);
    if (type !== undefined) throw fail(`can't evaluate field ${name} in type ${type}`);
    if (this.#options.strictKeys) throw fail(`map has no entry for key ${JSON.stringify(name)}`);
    return NO_VALUE;
  }

  #fail(at: number, source: string, text: string): TemplateError {
    const before = this.#template.source.slice(0, at);
    const newline = before.lastIndexOf("\n");
    const column = newline < 0 ? Buffer.byteLength(before) : Buffer.byteLength(before.slice(newline));
    return new TemplateError(`template: :${before.split("\n").length}:${column}: executing "" at <${source}>: ${text}`);
  }
}

function rowMember(row: Row, name: string, values: readonly unknown[], fail: (text: string) => TemplateError): unknown {
  const method = row.methods[name];
  if (method) {
    if (values.length !== 1) throw fail(`wrong number of args for ${name}: want 1 got ${values.length}`);
    return method(String(values[0]));
  }
  const field = row.fields[name];
  if (row.lenient && !Object.hasOwn(row.fields, name)) return NO_VALUE;
  if (!field || !Object.hasOwn(row.fields, name)) throw fail(`can't evaluate field ${name} in type ${row.type}`);
  if (values.length > 0) throw fail(`wrong number of args for ${name}: want 0 got ${values.length}`);
  return field();
}

function sourceOf(pipe: Pipe): string {
  return pipe.commands.map((command) => command.map(sourceOfOperand).join(" ")).join(" | ");
}

/** The operand as Go prints it in errors. */
function sourceOfOperand(operand: Operand): string {
  switch (operand.kind) {
    case "literal":
      return operand.source;
    case "nil":
      return "nil";
    case "dot":
      return ".";
    case "variable":
    case "function":
      return operand.name;
    case "pipe":
      return `(${sourceOf(operand.pipe)})`;
    default:
      return (operand.start ? sourceOfOperand(operand.start) : "") + operand.fields.map((field) => `.${field}`).join("");
  }
}
