// POST /containers/{id}/rename
import { EngineError, invalid, kindOf, messageOf } from "../../base/errors.ts";
import type { Attachment } from "../../network/network.ts";
import type { Actor, ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { dnsNames } from "../network/endpoint.ts";
import { addContainerEvent } from "./container-event.ts";
import { assertNameFree, parseContainerName } from "./names.ts";
import { currentRow, withContainer } from "./row.ts";

type Parts = Pick<Engine, "store" | "events" | "network" | "containerLocks">;

export async function renameContainer(engine: Parts, name: string, newName: string, { actor }: { actor: Actor }): Promise<void> {
  if (name === "" || newName === "") throw invalid("Neither old nor new names may be empty");
  await withContainer(engine, name, async ({ id }) => rename(engine, id, newName, actor));
}

function rename(engine: Parts, containerId: string, newName: string, actor: Actor): void {
  const renamed = engine.store.update((tx) => {
    const row = currentRow(tx, containerId);
    if (newName.replace(/^\//, "") === row.name) throw invalid("Renaming a container with the same name as its current name");
    const wanted = allocating(() => {
      const bare = parseContainerName(newName, `/${newName.replace(/^\//, "")}`);
      assertNameFree(tx, bare);
      return bare;
    });
    const next: ContainerRow = { ...row, name: wanted };
    next.networks = Object.fromEntries(
      Object.entries(row.networks).map(([network, settings]) => {
        const known = tx.networks.by("name", network)[0];
        return [network, known === undefined ? settings : { ...settings, DNSNames: dnsNames(next, known, settings) }];
      }),
    );
    if (row.attachments !== undefined) {
      next.attachments = Object.fromEntries(Object.entries(row.attachments).map(([network, attachment]) => [network, { ...(attachment as Attachment), names: namesOn(next, network) }]));
    }
    tx.containers.put(next);
    addContainerEvent(engine, tx, next, "rename", { oldName: `/${row.name}` }, actor);
    return next;
  });
  for (const [network, attachment] of Object.entries(renamed.attachments ?? {})) engine.network.setNames(attachment as Attachment, namesOn(renamed, network));
}

function namesOn(row: ContainerRow, network: string): string[] {
  return row.networks[network]?.DNSNames ?? [row.name];
}

function allocating<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new EngineError(kindOf(error), `Error when allocating new name: ${messageOf(error)}`, error instanceof EngineError ? { ...error.detail } : {}, error);
  }
}
