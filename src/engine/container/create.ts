// POST /containers/create. All that can fail is looked at before anything is made; from the first directory to the row
// nothing waits, so that no image or volume can go in between.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { openScope, type Scope } from "../../base/scope.ts";
import type { Actor, ContainerRow, ImageRow, Reader } from "../../store/store.ts";
import type { ContainerConfig, CreateContainerRequest, HostConfig } from "../../wire/docker.ts";
import type { ImageConfig } from "../../wire/oci.ts";
import type { Engine } from "../engine.ts";
import { resolveImage } from "../image/names.ts";
import { touchImage } from "../image/touch.ts";
import { putVolume } from "../volume/create.ts";
import { removeVolume } from "../volume/remove.ts";
import { checkConfig } from "./check-config.ts";
import { checkNetworkMode } from "./check-modes.ts";
import { addContainerEvent } from "./container-event.ts";
import { resolveLinks } from "./create-links.ts";
import { makeMounts, type PlannedMount, planMounts, resolveAsInvalid } from "./create-mounts.ts";
import { moveMacAddress, networksOf } from "./create-networks.ts";
import { fillNewContainer, needsFilling } from "./fill.ts";
import { completeHostConfig } from "./host-config.ts";
import { kernelFacts } from "./kernel-facts.ts";
import { commandOf, mergeConfig } from "./merge-config.ts";
import { assertNameFree, inventName, parseContainerName, resolveContainer } from "./names.ts";
import { joined } from "./namespaces.ts";
import { checkPlatform, parsePlatform, platformWarning } from "./platform.ts";
import { currentRow } from "./row.ts";
import { CREATED_STATE } from "./state.ts";

export interface CreateContainerOptions {
  name?: string;
  platform?: string;
  body: CreateContainerRequest;
  actor: Actor;
}

export async function createContainer(engine: Engine, options: CreateContainerOptions): Promise<{ Id: string; Warnings: string[] }> {
  const id = randomBytes(32).toString("hex");
  // nobody knows it yet; once it has a name, somebody may
  return engine.containerLocks.hold(id, async () => {
    const plan = planContainer(engine, id, options);
    await using scope = openScope(engine.log);
    const isFilled = !needsFilling(plan.config, plan.mounts);
    const row = makeContainer(engine, plan, options.actor, scope, isFilled);
    if (!isFilled) {
      await fillNewContainer(engine, row, plan.mounts);
      failpoint("create:after-fill");
      engine.store.update((tx) => {
        const { creating: _creating, ...whole } = currentRow(tx, id);
        tx.containers.put(whole);
        addContainerEvent(engine, tx, whole, "create", {}, options.actor);
      });
    }
    scope.keep();
    return { Id: id, Warnings: plan.warnings };
  });
}

interface ContainerPlan {
  id: string;
  name: string | undefined;
  image: ImageRow;
  imageRef: string;
  config: ContainerConfig;
  host: HostConfig;
  endpoints: NonNullable<NonNullable<CreateContainerRequest["NetworkingConfig"]>["EndpointsConfig"]>;
  mounts: PlannedMount[];
  warnings: string[];
}

/** Looks, and throws; makes nothing. */
function planContainer(engine: Engine, id: string, { name, platform, body }: CreateContainerOptions): ContainerPlan {
  const { HostConfig: givenHost, NetworkingConfig: networking, ...givenConfig } = body;
  if (Object.keys(givenConfig).length === 0) throw invalid("config cannot be empty in order to create a container");
  const host = givenHost ?? {};
  checkNetworkMode(givenConfig, host);
  const wantedName = name === undefined || name === "" ? undefined : parseContainerName(name);
  const wantedPlatform = platform === undefined || platform === "" ? undefined : parsePlatform(platform);
  const moved = moveMacAddress(givenConfig, host, networking?.EndpointsConfig ?? {});
  return engine.store.view((tx) => {
    const reference = body.Image ?? "";
    if (reference === "" && (body.Cmd?.length ?? 0) + (body.Entrypoint?.length ?? 0) === 0) throw invalid("no command specified");
    const { image } = resolveImage(tx, reference);
    if (wantedPlatform !== undefined) checkPlatform(reference, image, wantedPlatform);
    const config = mergeConfig(moved.config, engine.store.content.readJson<ImageConfig>(image.id).config ?? {});
    checkConfig(config);
    const { host: complete, warnings } = completeHostConfig(host, {
      kernel: kernelFacts(engine.runtime.cgroupVersion),
      defaultRuntime: engine.runtime.defaultName,
      hasRuntime: (runtime) => Object.hasOwn(engine.runtime.runtimes, runtime),
      config: engine.config,
    });
    if ((host.Links?.length ?? 0) > 0) complete.Links = resolveLinks(tx, host.Links ?? [], complete.NetworkMode ?? "");
    complete.NetworkMode = byId(tx, complete.NetworkMode ?? "");
    for (const mode of [host.IpcMode ?? "", host.PidMode ?? ""]) if (/^container:./.test(mode)) resolveAsInvalid(tx, mode.slice("container:".length));
    const mounts = planMounts(tx, config, complete);
    config.Hostname ||= complete.NetworkMode === "host" ? hostname() : id.slice(0, 12);
    if (wantedName !== undefined) assertNameFree(tx, wantedName);
    const foreign = wantedPlatform === undefined ? platformWarning(image) : undefined;
    return {
      id, name: wantedName, image, imageRef: reference, config, host: complete, endpoints: moved.endpoints, mounts,
      warnings: [...(foreign === undefined ? [] : [foreign]), ...moved.warnings, ...warnings],
    };
  });
}

/** `container:NAME` goes on meaning that container when it gets another name; one that is not there yet is left as it is. */
function byId(tx: Pick<Reader, "containers">, mode: string): string {
  const name = joined(mode);
  if (name === undefined) return mode;
  try {
    return `container:${resolveContainer(tx, name).id}`;
  } catch {
    return mode;
  }
}

/** Read-write layer, own files, volumes, row: without waiting in between. */
function makeContainer(engine: Engine, plan: ContainerPlan, actor: Actor, scope: Scope, isComplete: boolean): ContainerRow {
  const { id, image, config, host } = plan;
  const { store } = engine;
  const name = plan.name ?? store.view((tx) => inventName(tx));
  const networks = store.view((tx) => networksOf(tx, { id, name, config }, host, plan.endpoints));
  const { path, args } = commandOf(config);
  const directory = store.layers.prepare(id);
  scope.defer("remove layer", () => store.layers.remove(directory));
  mkdirSync(store.containerPath(id), { recursive: true, mode: 0o710 });
  scope.defer("remove files", () => store.discard(store.containerPath(id)));
  failpoint("create:after-layer");
  const { mounts, volumes } = makeMounts(engine, plan.mounts, { containerId: id, imageRef: plan.imageRef });
  for (const volume of volumes) if (volume.anonymous) scope.defer("remove volume", () => removeVolume(engine, volume.name, { force: true, actor }));
  failpoint("create:after-volumes");
  const chainId = image.chainIds.at(-1);
  const row: ContainerRow = {
    id, name, created: engine.clock.nowRfc3339(), createdMs: engine.clock.nowMs(), path, args, imageId: image.id, imageRef: plan.imageRef, config, hostConfig: host, state: CREATED_STATE,
    ...(chainId === undefined ? {} : { chainId }),
    diffIds: image.diffIds, mounts, networks, restartCount: 0, hasBeenStarted: false, manuallyStopped: false, directory, sizeRwBytes: 0, by: actor,
    ...(isComplete ? {} : { creating: true }),
  };
  store.update((tx) => {
    assertNameFree(tx, name);
    for (const volume of volumes) putVolume(tx, engine, volume, actor);
    tx.containers.put(row);
    touchImage(tx, image.id, row.createdMs, actor);
    if (isComplete) addContainerEvent(engine, tx, row, "create", {}, actor);
  });
  scope.defer("remove row", () => store.update((tx) => void (tx.containers.remove(id) && chainId !== undefined && tx.release({ chains: [chainId] }))));
  failpoint("create:after-row");
  return row;
}
