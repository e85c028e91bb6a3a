// Carries out a plan that was shown: the whole of it, or nothing if the facts it was made from have changed. All rows go in one
// transaction, after a last look; what was beside them goes then.
import { conflict, kindOf, messageOf } from "../../base/errors.ts";
import type { KeyedLock } from "../../base/lock.ts";
import type { Actor, ContainerRow, Reader, Writer } from "../../store/store.ts";
import { finishEnd } from "../container/end.ts";
import { killAndWait } from "../container/kill.ts";
import { discardContainer, dropContainer } from "../container/remove.ts";
import type { Engine } from "../engine.ts";
import { dropNetworkRow } from "../network/remove.ts";
import { networkSpec } from "../network/spec.ts";
import { discardVolume, dropVolumeRow } from "../volume/remove.ts";
import { applyImages } from "./apply-images.ts";
import { Draft } from "./draft.ts";
import type { PlanObject } from "./plan.ts";
import { takePlan } from "./token.ts";
import { findChanges } from "./verify.ts";

export interface Applied {
  removed: readonly PlanObject[];
  freedBytes: number;
  dockerBytes: number;
}

export async function applyPlan(engine: Engine, token: string, actor: Actor): Promise<Applied> {
  const plan = takePlan(engine, token);
  engine.store.view((tx) => assertHolds(tx, plan.objects));
  const killed = await killRunning(engine, plan.objects, actor);
  const containers = plan.objects.flatMap((object) => (object.kind === "container" ? [object.id] : []));
  await holdAll(engine.containerLocks, containers.toSorted(), async () => {
    await finishEnds(engine, containers);
    // what was started with --rm has gone by itself when it was killed
    const objects = engine.store.view((tx) => plan.objects.filter((object) => !killed.has(object.id) || tx.containers.has(object.id)));
    const discards = engine.store.update((tx) => {
      assertHolds(tx, objects);
      return objects.map((object) => drop(tx, engine, object, actor));
    });
    for (const discard of discards) await discard?.().catch((error: unknown) => engine.log.warn("remains go at the next start", { error: messageOf(error) }));
  });
  return { removed: plan.objects, freedBytes: plan.freesBytes, dockerBytes: plan.dockerBytes };
}

function assertHolds(tx: Reader, objects: readonly PlanObject[]): void {
  const changes = findChanges(new Draft(tx), objects);
  if (changes.length > 0) throw conflict(`the plan is out of date: ${changes.join("; ")}`, { changes });
}

/** Those that the plan takes by force. */
async function killRunning(engine: Engine, objects: readonly PlanObject[], actor: Actor): Promise<ReadonlySet<string>> {
  const running = engine.store.view((tx) => objects.filter((object) => object.kind === "container" && object.forced === true && tx.containers.find(object.id)?.state.Running === true));
  await Promise.all(
    running.map(({ id }) =>
      killAndWait(engine, id, actor).catch((error: unknown) => {
        // it ended by itself meanwhile
        if (kindOf(error) !== "not_found" && kindOf(error) !== "conflict") throw error;
      }),
    ),
  );
  return new Set(running.map((object) => object.id));
}

/** Always in the same order, so that two never wait for each other. */
function holdAll<T>(locks: KeyedLock, keys: readonly string[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = keys;
  return first === undefined ? work() : locks.hold(first, () => holdAll(locks, rest, work));
}

async function finishEnds(engine: Engine, ids: readonly string[]): Promise<void> {
  const ended = engine.store.view((tx) => ids.flatMap((id) => tx.containers.find(id) ?? []).filter((row) => row.task !== undefined && !row.state.Running));
  for (const row of ended) await finishEnd(engine, row);
}

/** The row of one object; returns what is to be done after the commit. */
function drop(tx: Writer, engine: Engine, object: PlanObject, actor: Actor): (() => Promise<void>) | undefined {
  switch (object.kind) {
    case "container": {
      const row = tx.containers.find(object.id) as ContainerRow;
      dropContainer(tx, engine, row, false, actor);
      return () => discardContainer(engine, row);
    }
    case "volume": {
      const row = tx.volumes.find(object.id);
      if (row !== undefined) dropVolumeRow(tx, engine, row, actor);
      return () => discardVolume(engine, object.id);
    }
    case "network": {
      const row = tx.networks.find(object.id);
      if (row === undefined) return undefined;
      dropNetworkRow(tx, engine.events, row, actor);
      return () => engine.network.removeNetwork(networkSpec(row));
    }
    case "tag":
    case "image":
      applyImages(tx, engine.events, [object], actor);
      return undefined;
    default:
      return object.kind satisfies never;
  }
}
