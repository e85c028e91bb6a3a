// The archive endpoints and export
import { notImplemented } from "../../base/errors.ts";
import type { Engine } from "../engine.ts";
import type { ArchiveStat } from "../../store/store.ts";

/** HEAD /containers/{id}/archive */
export async function statContainerPath(_engine: Engine, _name: string, _path: string): Promise<ArchiveStat> {
  throw notImplemented("stub");
}

/** GET /containers/{id}/archive */
export async function getContainerArchive(_engine: Engine, _name: string, _path: string, _options: { signal?: AbortSignal }): Promise<{ stat: ArchiveStat; tar: AsyncIterable<Uint8Array> }> {
  throw notImplemented("stub");
}

/** PUT /containers/{id}/archive */
export async function putContainerArchive(
  _engine: Engine,
  _name: string,
  _path: string,
  _source: AsyncIterable<Uint8Array>,
  _options: { noOverwriteDirNonDir?: boolean; copyUidGid?: boolean; signal?: AbortSignal },
): Promise<void> {
  throw notImplemented("stub");
}

/** GET /containers/{id}/export */
export async function exportContainer(_engine: Engine, _name: string, _options: { signal?: AbortSignal }): Promise<AsyncIterable<Uint8Array>> {
  throw notImplemented("stub");
}
