// DELETE /containers/{id}
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { Actor } from "../../store/store.ts";

export interface RemoveContainerOptions {
  force?: boolean;
  /** its anonymous volumes too */
  volumes?: boolean;
  /** `name` is a link `/parent/alias` to remove instead */
  link?: boolean;
  actor: Actor;
}

export async function removeContainer(_engine: Engine, _name: string, _options: RemoveContainerOptions): Promise<void> {
  throw notImplemented("stub");
}
