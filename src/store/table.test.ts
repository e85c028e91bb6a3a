import { expect, test } from "bun:test";
import { MemoryTable, type RowSink } from "./table.ts";

interface Pet {
  id: string;
  kind: string;
  tags: string[];
}

function bed(initial: Pet[] = []) {
  const disk = new Map<string, string>(initial.map((pet) => [pet.id, JSON.stringify(pet)]));
  const undo: (() => void)[] = [];
  const sink: RowSink = {
    put: (id, text) => void disk.set(id, text),
    remove: (id) => void disk.delete(id),
    all: () => [...disk].map(([id, text]) => ({ id, text })),
  };
  const table = new MemoryTable<Pet, "kind" | "tag">(sink, (pet) => pet.id, { kind: (pet) => [pet.kind], tag: (pet) => pet.tags }, { undo: (step) => void undo.push(step) });
  return { disk, undo, table, rollback: () => undo.splice(0).toReversed().forEach((step) => step()) };
}

test("rows on disk are there after opening, with their indexes", () => {
  const { table } = bed([{ id: "rex", kind: "dog", tags: ["old", "kind"] }]);
  expect(table.find("rex")?.kind).toBe("dog");
  expect(table.by("tag", "old").map((pet) => pet.id)).toEqual(["rex"]);
  expect(table.any("tag", "young")).toBe(false);
});

test("a row put anew leaves its old index keys", () => {
  const { table, disk } = bed();
  table.put({ id: "rex", kind: "dog", tags: ["a"] });
  table.put({ id: "rex", kind: "cat", tags: ["b"] });
  expect(table.any("kind", "dog")).toBe(false);
  expect(table.any("tag", "a")).toBe(false);
  expect(table.by("kind", "cat")).toHaveLength(1);
  expect(JSON.parse(disk.get("rex") ?? "").kind).toBe("cat");
});

test("undo steps in reverse bring back rows and indexes as they were", () => {
  const { table, rollback } = bed([{ id: "rex", kind: "dog", tags: ["a"] }]);
  table.put({ id: "rex", kind: "cat", tags: [] });
  table.put({ id: "tom", kind: "cat", tags: ["a"] });
  table.remove("rex");
  rollback();
  expect(table.list().map((pet) => [pet.id, pet.kind])).toEqual([["rex", "dog"]]);
  expect(table.by("tag", "a").map((pet) => pet.id)).toEqual(["rex"]);
  expect(table.any("kind", "cat")).toBe(false);
});

test("prefixes find at most as many as asked", () => {
  const { table } = bed(["abc", "abd", "b"].map((id) => ({ id, kind: "x", tags: [] })));
  expect(table.idsWithPrefix("ab", 2)).toEqual(["abc", "abd"]);
  expect(table.idsWithPrefix("ab", 1)).toEqual(["abc"]);
  expect(table.idsWithPrefix("z", 2)).toEqual([]);
});
