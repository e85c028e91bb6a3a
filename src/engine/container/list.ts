// GET /containers/json
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";

export interface ListContainersOptions {
  all?: boolean;
  limit?: number;
  size?: boolean;
  filters?: ReadonlyMap<string, readonly string[]>;
}

export async function listContainers(_engine: Engine, _options: ListContainersOptions): Promise<object[]> {
  throw notImplemented("stub");
}
