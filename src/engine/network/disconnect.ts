// POST /networks/{id}/disconnect
import { EngineError, internal, invalid, kindOf, messageOf, notFound } from "../../base/errors.ts";
import type { Attachment } from "../../network/network.ts";
import type { ContainerRow, NetworkRow } from "../../store/store.ts";
import { resolveContainer } from "../container/names.ts";
import { detachOne, emitNetworkEvent } from "./attachments.ts";
import { changeRow, type ConnectParts, moveGateway } from "./connect.ts";
import { rewriteNameFiles } from "./hosts-file.ts";
import { resolveNetwork } from "./resolve.ts";

export async function disconnectNetwork(engine: ConnectParts, name: string, { Container = "", Force = false }: { Container?: string; Force?: boolean }): Promise<void> {
  const containerId = engine.store.view((tx) => {
    resolveNetwork(tx, name);
    try {
      return resolveContainer(tx, Container).id;
    } catch (error) {
      if (Force && kindOf(error) === "not_found") throw notFound(`endpoint ${Container} not found`);
      throw error;
    }
  });
  await engine.containerLocks.hold(containerId, async () => {
    const { row, network } = engine.store.view((tx) => ({ row: resolveContainer(tx, containerId), network: resolveNetwork(tx, name) }));
    if (row.state.Running) await disconnectRunning(engine, row, network);
    else forget(engine, row, network);
  });
}

function forget(engine: ConnectParts, row: ContainerRow, network: NetworkRow): void {
  if (row.networks[network.name] === undefined) throw internal(`container ${row.id} is not connected to the network ${network.name}`);
  changeRow(engine, row.id, (now) => ({ networks: without(now.networks, network.name) }));
}

async function disconnectRunning(engine: ConnectParts, row: ContainerRow, network: NetworkRow): Promise<void> {
  if (network.driver === "host" && row.hostConfig.NetworkMode === "host") throw invalid("cannot disconnect container from host network - container was created in host network mode");
  if (row.networks[network.name] === undefined) throw internal(`container ${row.id} is not connected to network ${network.name}`);
  const held = (row.attachments ?? {}) as Record<string, Attachment>;
  const attachment = held[network.name];
  const attachments = without(held, network.name);
  const networks = without(row.networks, network.name);
  let ports = row.ports ?? {};
  if (attachment !== undefined) await detachOne(engine, row, attachment, network, false);
  if (attachment?.defaultRoute === true) ports = (await takeOver(engine, { ...row, networks }, attachments)) ?? {};
  await rewriteNameFiles(engine, row, networks);
  changeRow(engine, row.id, () => ({ networks, attachments, ports }));
  emitNetworkEvent(engine, "disconnect", network, row.id);
}

/** The network is left in any case: what cannot go over to another one is lost, and said so in the log. */
async function takeOver(engine: ConnectParts, row: ContainerRow, attachments: Record<string, Attachment>): Promise<ContainerRow["ports"]> {
  try {
    return await moveGateway(engine, row, attachments);
  } catch (error) {
    engine.log.error("no other network took over the default route", { container: row.id, error: error instanceof EngineError ? error.message : messageOf(error) });
    return {};
  }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
