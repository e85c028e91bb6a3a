// Templates that need no data, with what Docker's client made of them (inspect -f, 28.2 or 28.5). `!` is an error.
import { expect, test } from "bun:test";
import answers from "../../../test/support/go-templates.json" with { type: "json" };
import { compileTemplate, executeTemplate } from "./execute.ts";
import { Row } from "./value.ts";

test.each(answers as [string, string][])("%s", (template, answer) => {
  expect(made(template, {})).toBe(answer);
});

test("members: of rows, of maps, of what is not there", () => {
  const row = new Row("*formatter.x", { Name: () => "a-b", Count: () => 3 }, { Label: (key) => `<${key}>` });
  expect(made("{{.Name}} {{upper .Name}} {{.Label \"k\"}} {{printf \"%03d\" .Count}}", row)).toBe("a-b A-B <k> 003");
  expect(made("{{.Nope}}", row)).toBe("! template: :1:2: executing \"\" at <.Nope>: can't evaluate field Nope in type *formatter.x");
  expect(made("{{.Name.X}}", row)).toBe("! template: :1:7: executing \"\" at <.Name.X>: can't evaluate field X in type string");
  expect(made("{{range .Name}}{{end}}", row)).toBe("! template: :1:8: executing \"\" at <.Name>: range can't iterate over a-b");
  expect(made("{{call .Name}}", row)).toBe("! template: :1:2: executing \"\" at <call .Name>: error calling call: non-function .Name of type string");
  expect(made("{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}{{.Labels.none}}{{index .Labels \"none\"}}", { Labels: { b: "2", a: "1" } })).toBe("a=1;b=2;<no value>");
});

function made(template: string, data: unknown): string {
  try {
    return executeTemplate(compileTemplate(template), data);
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}
