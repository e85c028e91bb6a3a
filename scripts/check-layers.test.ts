import { expect, test } from "bun:test";
import { faultOf, findCycle, importsOf } from "./check-layers.ts";

const of = (from: string, to: string) => faultOf({ from, to, typeOnly: false });

test.each([
  ["engine/image/pull.ts", "store/store.ts"],
  ["api/routes/images.ts", "engine/image/pull.ts"],
  ["cli/commands/image/ls.ts", "wire/reference.ts"],
  ["store/open.ts", "linux/mount.ts"],
  ["wire/filters.ts", "base/errors.ts"],
  ["daemon.ts", "store/open.ts"],
])("%s may import %s", (from, to) => expect(of(from, to)).toBeUndefined());

test.each([
  ["store/open.ts", "engine/engine.ts", "upward"],
  ["engine/image/pull.ts", "store/open.ts", "behind the door"],
  ["runtime/shim.ts", "store/store.ts", "sideways"],
  ["api/server.ts", "store/store.ts", "workshop"],
  ["cli/cli.ts", "engine/engine.ts", "wire and base only"],
  ["cli/cli.ts", "linux/mount.ts", "wire and base only"],
  ["wire/oci.ts", "linux/mount.ts", "base only"],
  ["engine/engine.ts", "daemon.ts", "upward"],
])("%s may not import %s (%s)", (from, to, why) => expect(of(from, to)).toContain(why));

test("imports are found in all their forms", () => {
  const text = `import { a } from "./a.ts";\nimport type { B } from "../b/b.ts";\nexport * from "./c.ts";\nimport {\n  d,\n} from "./d.ts";\nconst e = await import("./e.ts");\nimport fs from "node:fs";\n`;
  expect(importsOf("room/file.ts", text).map((each) => [each.to, each.typeOnly])).toEqual([
    ["room/a.ts", false],
    ["b/b.ts", true],
    ["room/c.ts", false],
    ["room/d.ts", false],
    ["room/e.ts", true],
  ]);
});

test("a cycle of run-time imports is found, one of types is none", () => {
  const ring = (typeOnly: boolean) => [
    { from: "a.ts", to: "b.ts", typeOnly: false },
    { from: "b.ts", to: "c.ts", typeOnly: false },
    { from: "c.ts", to: "a.ts", typeOnly },
  ];
  expect(findCycle(ring(false))).toEqual(["a.ts", "b.ts", "c.ts", "a.ts"]);
  expect(findCycle(ring(true))).toBeUndefined();
});
