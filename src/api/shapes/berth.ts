// Bodies of what Docker has no word for.
import { any, bool, integer, list, map, object, string } from "../../wire/go-shape.ts";

const filtered = object("berth.Filtered", { filters: map(any) });

export const planShape = object("berth.PlanRequest", {
  prune: object("berth.Prune", { containers: filtered, networks: filtered, volumes: filtered, images: filtered }),
  remove: object("berth.Remove", { containers: list(string), images: list(string), force: bool, noPrune: bool, volumes: bool }),
  freeBytes: integer("int64"),
});

export const pinShape = object("berth.Pin", { kind: string, name: string, reason: string });
