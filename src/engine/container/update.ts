// POST /containers/{id}/update
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";
import type { HostConfig } from "../../wire/docker.ts";

export async function updateContainer(_engine: Engine, _name: string, _body: HostConfig, _options: { actor: Actor }): Promise<{ Warnings: string[] }> {
  throw notImplemented("stub");
}
