// docker commit: a container's read-write layer becomes an image above the container's own.
import { conflict, invalid, notFound } from "../../base/errors.ts";
import { type Actor, type ContainerRow, type DiffRow, endLease, holdInLease, type ImageRow, openLease } from "../../store/store.ts";
import type { ContainerConfig } from "../../wire/docker.ts";
import { type HistoryEntry, type ImageConfig, type ImageRunConfig, MEDIA } from "../../wire/oci.ts";
import { familiarName, parseReference } from "../../wire/reference.ts";
import { addContainerEvent } from "../container/container-event.ts";
import { resolveContainer } from "../container/names.ts";
import { pauseContainer, unpauseContainer } from "../container/pause.ts";
import type { Engine } from "../engine.ts";
import { applyChanges } from "./changes.ts";
import { canonicalReference } from "./names.ts";
import { recordImage } from "./record.ts";
import { setReference } from "./tag.ts";

export interface CommitRequest {
  repo?: string;
  tag?: string;
  comment?: string;
  author?: string;
  pause: boolean;
  changes: readonly string[];
  /** Overrides from the request's body. */
  config?: ContainerConfig;
  actor: Actor;
}

export type CommitParts = Pick<Engine, "store" | "events" | "clock" | "config" | "log" | "runtime" | "containerLocks" | "supervisor">;

export async function commitContainer(engine: CommitParts, name: string, request: CommitRequest): Promise<{ Id: string }> {
  const { store, clock } = engine;
  const ref = nameOf(request);
  const row = store.view((tx) => resolveContainer(tx, name));
  if (row.state.Dead) throw conflict(`You cannot commit container ${row.id} which is Dead`);
  if (row.state.Status === "removing") throw conflict(`You cannot commit container ${row.id} which is being removed`);
  const run = applyChanges(runConfigOf(request.config), request.changes);
  const leaseId = openLease(store, "commit", clock.nowMs());
  try {
    // the image's own layers must stay while the new one is made, whatever happens to the container
    store.update((tx) => holdInLease(tx, leaseId, { diffs: row.diffIds }));
    const diff = await paused(engine, row, request, () => store.layers.commit(row.directory, leaseId)).catch((error: unknown) => {
      const isGone = store.view((tx) => tx.containers.find(row.id)) === undefined;
      throw isGone ? notFound(`No such container: ${row.id}`, { container: row.id }, error) : error;
    });
    const id = record(engine, row, { request, run, diff, ref, leaseId });
    return { Id: id };
  } finally {
    endLease(store, leaseId);
  }
}

function nameOf({ repo = "", tag = "" }: CommitRequest): string | undefined {
  if (repo === "") return undefined;
  const reference = parseReference(repo);
  if (reference.digest !== undefined) throw invalid("cannot commit to digest reference");
  return canonicalReference(tag === "" ? reference : { ...reference, tag: parseReference(`x:${tag}`).tag ?? tag });
}

/** The container stands still while it is read, unless told otherwise. */
async function paused<T>(engine: CommitParts, row: ContainerRow, request: CommitRequest, work: () => Promise<T>): Promise<T> {
  const running = row.state.Running && !row.state.Paused;
  if (!request.pause || !running) return await work();
  await pauseContainer(engine, row.id, { actor: request.actor });
  try {
    return await work();
  } finally {
    await unpauseContainer(engine, row.id, { actor: request.actor }).catch((error: unknown) => engine.log.warn("cannot unpause after commit", { id: row.id, error }));
  }
}

interface Commit {
  request: CommitRequest;
  run: ImageRunConfig;
  diff: DiffRow;
  ref: string | undefined;
  leaseId: string;
}

function record(engine: CommitParts, row: ContainerRow, { request, run, diff, ref, leaseId }: Commit): string {
  const { store, events, clock } = engine;
  const parent = store.view((tx) => tx.images.find(row.imageId));
  const base = parent === undefined ? undefined : store.content.readJson<ImageConfig>(parent.id);
  // a container that changed nothing adds nothing: as Docker, only a line in the history
  const diffs = diff.entries === 0 ? [] : [diff];
  const created = clock.nowRfc3339();
  const history: HistoryEntry = {
    created,
    ...(request.author === undefined || request.author === "" ? {} : { author: request.author }),
    created_by: (row.config.Cmd ?? []).join(" "),
    ...(request.comment === undefined || request.comment === "" ? {} : { comment: request.comment }),
    ...(diffs.length === 0 ? { empty_layer: true } : {}),
  };
  const parsed: ImageConfig = {
    architecture: base?.architecture ?? parent?.architecture ?? "",
    ...(base?.variant === undefined ? {} : { variant: base.variant }),
    os: base?.os ?? "linux",
    ...(request.author === undefined || request.author === "" ? {} : { author: request.author }),
    ...(request.comment === undefined || request.comment === "" ? {} : { comment: request.comment }),
    container: row.id,
    config: mergeRunConfig(run, runConfigOf(row.config)),
    created,
    history: [...(base?.history ?? []), history],
    rootfs: { type: "layers", diff_ids: [...row.diffIds, ...diffs.map(({ diffId }) => diffId)] },
  };
  const blob = store.content.write(Buffer.from(JSON.stringify(parsed)), MEDIA.dockerConfig, leaseId);
  return store.update((tx) => {
    const below = row.diffIds.map((diffId) => tx.diffs.find(diffId)).filter((each) => each !== undefined);
    const image: ImageRow = recordImage(tx, {
      config: blob,
      parsed,
      diffs: [...below, ...diffs],
      ...(parent === undefined ? {} : { parent: parent.id }),
      how: "commit",
      from: row.id,
      actor: request.actor,
      nowMs: clock.nowMs(),
    });
    events.add(tx, { type: "image", action: "create", actorId: image.id, attributes: { ...image.labels, name: image.id }, by: request.actor });
    if (ref !== undefined) setReference(tx, events, { name: ref, imageId: image.id, nowMs: clock.nowMs(), by: request.actor, announce: true });
    addContainerEvent(engine, tx, row, "commit", { comment: request.comment ?? "", imageID: image.id, imageRef: ref === undefined ? "" : familiarName(ref) }, request.actor);
    return image.id;
  });
}

const RUN_KEYS = ["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "StopTimeout", "Healthcheck", "Shell", "OnBuild", "ArgsEscaped"] as const;

/** What of a container's configuration belongs to an image. */
function runConfigOf(config: ContainerConfig | undefined): ImageRunConfig {
  const run: Record<string, unknown> = {};
  for (const key of RUN_KEYS) {
    const value = config?.[key];
    if (value !== undefined && value !== null && value !== "") run[key] = value;
  }
  return run as ImageRunConfig;
}

/** What was asked for wins; lists and maps are joined as `docker commit` joins them. */
function mergeRunConfig(wanted: ImageRunConfig, own: ImageRunConfig): ImageRunConfig {
  const env = new Map((own.Env ?? []).map((each) => [each.split("=", 1)[0], each]));
  for (const each of wanted.Env ?? []) env.set(each.split("=", 1)[0], each);
  const joined = <T extends object>(a: T | null | undefined, b: T | null | undefined): T | undefined => ((a ?? b ?? undefined) === undefined ? undefined : { ...(b as T), ...(a as T) });
  const merged: ImageRunConfig = { ...own, ...wanted };
  // a new entrypoint does not take the old command along
  if (wanted.Entrypoint !== undefined && wanted.Cmd === undefined) delete merged.Cmd;
  const maps = { ExposedPorts: joined(wanted.ExposedPorts, own.ExposedPorts), Volumes: joined(wanted.Volumes, own.Volumes), Labels: joined(wanted.Labels, own.Labels) };
  for (const [key, value] of Object.entries(maps)) if (value !== undefined) Object.assign(merged, { [key]: value });
  if (env.size > 0) merged.Env = [...env.values()];
  else delete merged.Env;
  return merged;
}
