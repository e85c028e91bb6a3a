// Events of containers, with the attributes that Docker gives them: labels, image, name, and what the action adds.
import type { Actor, ContainerRow, Writer } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import type { EventInput } from "../events.ts";

type Described = Pick<ContainerRow, "id" | "name" | "config">;

function eventOf(row: Described, action: string, more: Record<string, string>, by?: Actor): EventInput {
  return {
    type: "container",
    action,
    actorId: row.id,
    attributes: { ...row.config.Labels, ...more, ...((row.config.Image ?? "") === "" ? {} : { image: row.config.Image ?? "" }), name: row.name },
    ...(by === undefined ? {} : { by }),
  };
}

export function addContainerEvent({ events }: Pick<Engine, "events">, tx: Writer, row: Described, action: string, more: Record<string, string> = {}, by?: Actor): void {
  events.add(tx, eventOf(row, action, more, by));
}

export function emitContainerEvent({ events }: Pick<Engine, "events">, row: Described, action: string, more: Record<string, string> = {}, by?: Actor): void {
  events.emit(eventOf(row, action, more, by));
}
