// DELETE /containers/{id}. The row goes in one transaction, with its anonymous volumes' rows; then the files. What a
// killed daemon leaves of the files belongs to no row and goes when the store opens.
import { conflict, EngineError, kindOf, messageOf, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Actor, ContainerRow, Writer } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { assertUnpinned } from "../removal/pins.ts";
import { discardVolume, dropVolumeRow } from "../volume/remove.ts";
import { addContainerEvent } from "./container-event.ts";
import { finishEnd } from "./end.ts";
import { killAndWait } from "./kill.ts";
import { currentRow, findContainer } from "./row.ts";
import { assertAllowed } from "./state.ts";

export interface RemoveContainerOptions {
  force?: boolean;
  /** its anonymous volumes too */
  volumes?: boolean;
  /** `name` is a link `/parent/alias` to remove instead */
  link?: boolean;
  actor: Actor;
}

export async function removeContainer(engine: Engine, name: string, options: RemoveContainerOptions): Promise<void> {
  if (options.link === true) return removeLink(engine, name);
  const { id, state } = findContainer(engine, name);
  if (state.Status === "removing") assertAllowed("remove", { id, name, state }, name);
  if (options.force === true) await stopFirst(engine, id, name, options.actor);
  failpoint("rm:after-kill");
  await engine.containerLocks.hold(id, async () => {
    const row = engine.store.view((tx) => tx.containers.find(id));
    // it removed itself when it ended, or somebody else was faster
    if (row === undefined) {
      if (options.force === true) return;
      throw notFound(`No such container: ${name}`, { container: name });
    }
    assertAllowed("remove", row, name);
    await removeLocked(engine, row, options);
  });
}

async function stopFirst(engine: Engine, containerId: string, name: string, actor: Actor): Promise<void> {
  const row = engine.store.view((tx) => currentRow(tx, containerId));
  engine.store.view((tx) => assertUnpinned(tx, "container", row.id, row.name));
  if (!row.state.Running) return;
  try {
    await killAndWait(engine, containerId, actor);
  } catch (error) {
    // it ended by itself meanwhile
    if (kindOf(error) === "not_found" || kindOf(error) === "conflict") return;
    throw new EngineError(kindOf(error), `cannot remove container ${JSON.stringify(name)}: could not kill container: ${messageOf(error)}`, { container: name }, error);
  }
}

/** With the lock held, of a container that does not run. */
export async function removeLocked(engine: Engine, row: ContainerRow, { volumes = false, actor }: { volumes?: boolean; actor?: Actor }): Promise<void> {
  if (row.task !== undefined) await finishEnd(engine, row);
  const gone = engine.store.update((tx) => dropContainer(tx, engine, currentRow(tx, row.id), volumes, actor));
  failpoint("rm:after-row");
  await discardContainer(engine, row, gone.volumes);
}

/** After the row: what it had beside it. */
export async function discardContainer(engine: Engine, row: ContainerRow, volumes: readonly string[] = []): Promise<void> {
  engine.execs.forget(row.id);
  engine.supervisor.removed(row.id, { exitCode: row.state.ExitCode });
  discard(engine, () => engine.store.layers.remove(row.directory));
  failpoint("rm:after-layer");
  discard(engine, () => engine.store.discard(engine.store.containerPath(row.id)));
  for (const volume of volumes) await discardVolume(engine, volume).catch((error: unknown) => engine.log.warn("a removed volume's files stay", { volume, error }));
  failpoint("rm:after-volumes");
}

/** Of a container that does not run, its end finished. The rest is the caller's to discard after the commit. */
export function dropContainer(tx: Writer, engine: Engine, row: ContainerRow, withVolumes: boolean, actor: Actor | undefined): { volumes: string[] } {
  assertUnpinned(tx, "container", row.id, row.name);
  tx.containers.remove(row.id);
  if (row.chainId !== undefined) tx.release({ chains: [row.chainId] });
  const volumes = withVolumes ? dropAnonymousVolumes(tx, engine, row, actor) : [];
  // of one that was never told of, nobody hears now
  if (row.creating !== true) addContainerEvent(engine, tx, row, "destroy", {}, actor);
  return { volumes };
}

/** Those that others use, or that are pinned, stay. */
function dropAnonymousVolumes(tx: Writer, engine: Engine, row: ContainerRow, actor: Actor | undefined): string[] {
  const names = row.mounts.flatMap((mount) => (mount.Type === "volume" && mount.Name !== undefined ? [mount.Name] : []));
  return [...new Set(names)].filter((name) => {
    const volume = tx.volumes.find(name);
    if (volume === undefined || !volume.anonymous) return false;
    try {
      dropVolumeRow(tx, engine, volume, actor ?? {});
      return true;
    } catch (error) {
      if (kindOf(error) === "conflict") return false;
      throw error;
    }
  });
}

/** The row is gone: what cannot be moved away now is found when the store opens. */
function discard(engine: Pick<Engine, "log">, work: () => void): void {
  try {
    work();
  } catch (error) {
    engine.log.warn("files of a removed container stay", { error });
  }
}

/** Legacy links: `PARENT/ALIAS`. */
function removeLink(engine: Pick<Engine, "store">, name: string): void {
  const [parent = "", alias, ...rest] = name.replace(/^\//, "").split("/");
  if (alias === undefined) {
    findContainer(engine, parent);
    throw conflict("Conflict, cannot remove the default link name of the container");
  }
  engine.store.update((tx) => {
    const row = tx.containers.by("name", parent)[0];
    const links = row?.hostConfig.Links ?? [];
    const kept = links.filter((link) => link.split(":")[1] !== alias);
    if (row === undefined || rest.length > 0 || kept.length === links.length) throw notFound(`No such container: ${name}`, { container: name });
    tx.containers.put({ ...row, hostConfig: { ...row.hostConfig, Links: kept } });
  });
}
