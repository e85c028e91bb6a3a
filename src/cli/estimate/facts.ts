// What a Docker daemon lists, gathered for estimates: images with their layers, containers, volumes, networks.
import type { Client } from "../client.ts";
import type { ContainerSummary } from "../commands/container/container-row.ts";
import type { ImageSummary } from "../commands/image/image-row.ts";
import type { VolumeSummary } from "../commands/volume/volume-row.ts";
import { imagePath } from "../short-id.ts";

export interface Layer {
  /** Identifies the layer with all below it. */
  readonly chain: string;
  readonly sizeBytes: number;
}

export interface ImageFact {
  readonly id: string;
  readonly parentId: string;
  readonly names: readonly string[];
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly Layer[];
}

export interface ContainerFact {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly state: string;
  readonly createdMs: number;
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

export interface VolumeFact {
  readonly name: string;
  readonly createdMs: number;
  readonly sizeBytes: number;
  readonly anonymous: boolean;
  readonly local: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkFact {
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly predefined: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Facts {
  readonly images: readonly ImageFact[];
  readonly containers: readonly ContainerFact[];
  readonly volumes: readonly VolumeFact[];
  readonly networks: readonly NetworkFact[];
  readonly cacheBytes: number;
  readonly nowMs: number;
}

interface UsageAnswer {
  Volumes?: VolumeSummary[] | null;
  BuildCache?: { Size: number; Shared: boolean; InUse: boolean }[] | null;
}

interface NetworkAnswer {
  Id: string;
  Name: string;
  Created: string;
  Labels?: Record<string, string> | null;
}

export async function readFacts(client: Client): Promise<Facts> {
  const [images, containers, networks, usage] = await Promise.all([
    client.json<ImageSummary[]>("GET", "/images/json", { query: { all: true } }),
    client.json<ContainerSummary[]>("GET", "/containers/json", { query: { all: true, size: true } }),
    client.json<NetworkAnswer[]>("GET", "/networks"),
    client.json<UsageAnswer>("GET", "/system/df", { query: { type: ["volume", "build-cache"] } }),
  ]);
  return {
    images: await Promise.all(images.map(async (image) => imageFact(image, await layersOf(client, image)))),
    containers: containers.map(containerFact),
    volumes: (usage.Volumes ?? []).map(volumeFact),
    networks: networks.map(networkFact),
    cacheBytes: (usage.BuildCache ?? []).filter((record) => !record.Shared && !record.InUse).reduce((sum, record) => sum + record.Size, 0),
    nowMs: Date.now(),
  };
}

function imageFact(image: ImageSummary, layers: Layer[]): ImageFact {
  const names = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((name) => !name.startsWith("<none>"));
  return { id: image.Id, parentId: image.ParentId ?? "", names, createdMs: image.Created * 1000, labels: image.Labels ?? {}, layers };
}

/** Sizes come from the history: its entries with content are the layers, in order. Where they do not add up, the top layer gets the rest. */
async function layersOf(client: Client, image: ImageSummary): Promise<Layer[]> {
  const [inspected, history] = await Promise.all([
    client.json<{ RootFS?: { Layers?: string[] | null } }>("GET", `/images/${imagePath(image.Id)}/json`),
    client.json<{ Size: number }[]>("GET", `/images/${imagePath(image.Id)}/history`),
  ]);
  return assignSizes(inspected.RootFS?.Layers ?? [], history.map((entry) => entry.Size).toReversed(), image.Size);
}

export function assignSizes(digests: readonly string[], historySizes: readonly number[], totalBytes: number): Layer[] {
  const filled = historySizes.filter((size) => size > 0);
  let chain = "";
  const layers = digests.map((digest, index) => {
    chain = `${chain}/${digest}`;
    return { chain, sizeBytes: filled.length === digests.length ? filled[index]! : 0 };
  });
  const known = layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const top = layers.at(-1);
  if (top) layers[layers.length - 1] = { ...top, sizeBytes: top.sizeBytes + Math.max(0, totalBytes - known) };
  return layers;
}

function containerFact(container: ContainerSummary): ContainerFact {
  return {
    id: container.Id,
    name: (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, ""),
    imageId: container.ImageID,
    state: container.State,
    createdMs: container.Created * 1000,
    sizeBytes: container.SizeRw ?? 0,
    labels: container.Labels ?? {},
    volumes: (container.Mounts ?? []).filter((mount) => mount.Type === "volume").map((mount) => mount.Name ?? ""),
    networks: Object.keys(container.NetworkSettings?.Networks ?? {}),
  };
}

function volumeFact(volume: VolumeSummary): VolumeFact {
  const labels = volume.Labels ?? {};
  return { name: volume.Name, createdMs: Date.parse(volume.CreatedAt ?? "") || 0, sizeBytes: Math.max(0, volume.UsageData?.Size ?? 0), anonymous: "com.docker.volume.anonymous" in labels, local: volume.Driver === "local", labels };
}

function networkFact(network: NetworkAnswer): NetworkFact {
  return { id: network.Id, name: network.Name, createdMs: Date.parse(network.Created) || 0, predefined: ["bridge", "host", "none", "ingress"].includes(network.Name), labels: network.Labels ?? {} };
}
