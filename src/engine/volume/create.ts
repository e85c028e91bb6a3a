// POST /volumes/create: makes a volume, or finds the one of that name.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { invalid, notFound } from "../../base/errors.ts";
import { sortedByKey } from "../../base/sorted-by-key.ts";
import type { Actor, VolumeRow, Writer } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { checkVolumeOptions } from "./options.ts";
import { ANONYMOUS_LABEL, volumeJson, type VolumeJson } from "./read.ts";

export type VolumeParts = Pick<Engine, "store" | "events" | "clock">;

export interface CreateVolumeRequest {
  Name?: string;
  Driver?: string;
  DriverOpts?: Record<string, string> | null;
  Labels?: Record<string, string> | null;
}

/** Docker's words for what a volume may be called. */
const NAME_PATTERN = "[a-zA-Z0-9][a-zA-Z0-9_.-]";

export function createVolume(engine: VolumeParts, request: CreateVolumeRequest, actor: Actor): VolumeJson {
  return volumeJson(engine.store, ensureVolume(engine, request, actor));
}

/** The row of the named volume, made if there is none; without a name an anonymous one. `madeFor` is remembered for anonymous ones. */
export function ensureVolume(engine: VolumeParts, request: CreateVolumeRequest, actor: Actor, madeFor?: VolumeRow["madeFor"]): VolumeRow {
  const { row, isNew } = makeVolume(engine, request, madeFor);
  if (isNew) engine.store.update((tx) => putVolume(tx, engine, row, actor));
  return row;
}

/** As `ensureVolume`, but a new one's row is the caller's to put; until then its directory is nobody's, and goes with the next start. */
export function makeVolume(engine: VolumeParts, request: CreateVolumeRequest, madeFor?: VolumeRow["madeFor"]): { row: VolumeRow; isNew: boolean } {
  const isAnonymous = (request.Name ?? "") === "";
  const name = isAnonymous ? randomBytes(32).toString("hex") : (request.Name ?? "");
  const known = engine.store.view((tx) => tx.volumes.find(name));
  checkDriver(name, request.Driver ?? "");
  if (known !== undefined) return { row: known, isNew: false };
  checkName(name);
  const options = sortedByKey(request.DriverOpts);
  checkVolumeOptions(name, options);
  // the directory before the row: a row promises it
  mkdirSync(engine.store.volumePath(name), { recursive: true, mode: 0o755 });
  const row: VolumeRow = {
    name,
    driver: "local",
    // whole seconds, as Docker takes it from the directory
    created: engine.clock.nowRfc3339().replace(/\.\d+Z$/, "Z"),
    createdMs: engine.clock.nowMs(),
    labels: sortedByKey({ ...request.Labels, ...(isAnonymous ? { [ANONYMOUS_LABEL]: "" } : {}) }),
    options,
    anonymous: isAnonymous,
    ...(isAnonymous && madeFor !== undefined ? { madeFor } : {}),
  };
  return { row, isNew: true };
}

export function putVolume(tx: Writer, engine: Pick<Engine, "events">, row: VolumeRow, actor: Actor): void {
  tx.volumes.put(row);
  engine.events.add(tx, { type: "volume", action: "create", actorId: row.name, attributes: { driver: row.driver }, by: actor });
}

function checkDriver(name: string, driver: string): void {
  if (driver !== "" && driver !== "local" && driver !== "default") throw notFound(`create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
}

export function checkName(name: string): void {
  if (name.length === 1) throw invalid(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  throw invalid(`create ${name}: "${name}" includes invalid characters for a local volume name, only "${NAME_PATTERN}" are allowed. If you intended to pass a host directory, use absolute path`);
}
