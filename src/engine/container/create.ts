// POST /containers/create
import { notImplemented } from "../../base/errors.ts";
import type { Actor } from "../../store/store.ts";
import type { CreateContainerRequest } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";

export interface CreateContainerOptions {
  name?: string;
  platform?: string;
  body: CreateContainerRequest;
  actor: Actor;
}

export async function createContainer(_engine: Engine, _options: CreateContainerOptions): Promise<{ Id: string; Warnings: string[] }> {
  throw notImplemented("stub");
}
