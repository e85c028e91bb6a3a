import { expect, test } from "bun:test";
import { decodeShape, filled, integer, list, map, object, string } from "./go-shape.ts";

test("what is not given in a filled object has the zero value of its type, and so has a null in its place", () => {
  const limit = filled(object("units.Ulimit", { Name: string, Hard: integer("int64"), Options: map(string) }));
  expect(decodeShape(list(limit), [{ hard: 3 }, null, {}])).toEqual([
    { Name: "", Hard: 3, Options: null },
    { Name: "", Hard: 0, Options: null },
    { Name: "", Hard: 0, Options: null },
  ]);
  expect(Object.keys((decodeShape(list(limit), [{ Hard: 1, Name: "x" }]) as object[])[0] as object)).toEqual(["Name", "Hard", "Options"]);
});

test("other objects have what was given", () => {
  const shape = object("x.Y", { Name: string, Hard: integer("int64") });
  expect(decodeShape(list(shape), [{ Hard: 3, other: 1 }, null])).toEqual([{ Hard: 3 }, {}]);
});
