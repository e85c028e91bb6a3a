// A container's interfaces: made at start, taken down at exit. Used by the container verbs with the container's lock held.
import { notImplemented } from "../../base/errors.ts";
import type { Attachment } from "../../network/network.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { EndpointSettings } from "../../wire/docker.ts";
import type { Engine } from "../engine.ts";

export type AttachParts = Pick<Engine, "store" | "network" | "events" | "clock" | "config" | "log">;

export interface ContainerNetworking {
  /** Path of the network namespace to run in; undefined: the host's. For `container:X` that container's. */
  netnsPath: string | undefined;
  /** For ContainerRow.networks. */
  networks: Record<string, EndpointSettings>;
  /** For ContainerRow.attachments. */
  attachments: Record<string, Attachment>;
  /** For ContainerRow.ports. */
  ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
}

/** Everything that `row.hostConfig.NetworkMode` and `row.networks` ask for; undone wholly if it throws. Emits `connect` events; the caller writes the row. */
export async function attachContainerNetworks(_engine: AttachParts, _row: ContainerRow): Promise<ContainerNetworking> {
  throw notImplemented("networks are not implemented yet");
}

/** Takes down what `row.attachments` holds, and the namespace; idempotent, also for a row whose start failed halfway. Emits `disconnect` events; returns what to write. */
export async function detachContainerNetworks(_engine: AttachParts, _row: ContainerRow): Promise<Pick<ContainerNetworking, "networks" | "attachments" | "ports">> {
  throw notImplemented("networks are not implemented yet");
}
