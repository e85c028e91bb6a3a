// The one place that decides a container's state: what each verb may do in which state, and what state follows.
import { conflict, internal, notModified, type EngineError } from "../../base/errors.ts";
import { ZERO_TIME } from "../clock.ts";
import type { ContainerRow } from "../../store/store.ts";
import type { ContainerState, ContainerStatus } from "../../wire/docker.ts";

type Named = Pick<ContainerRow, "id" | "name">;
type Refusal = (row: Named, status: ContainerStatus) => EngineError;

const notRunning: Refusal = ({ id }) => conflict(`container ${id} is not running`);
const isRestarting: Refusal = ({ id }) => conflict(`Container ${id} is restarting, wait until the container is running`);
const isMarked: Refusal = () => conflict("container is marked for removal and cannot be started");
const notPaused: Refusal = ({ id }) => internal(`Container ${id} is not paused`);
const cannotKill: Refusal = ({ id, name }) => conflict(`cannot kill container: ${name}: container ${id} is not running`);
const cannotRemove: Refusal = ({ name }, status) => conflict(`cannot remove container "${name}": container is ${status}: stop the container before removing or force remove`, { container: name, status, suggestion: `berth rm -f ${name}` });
const cannotUpdate: Refusal = ({ id }) => conflict(`Cannot update container ${id}: container is marked for removal and cannot be "update"`);
const cannotExport: Record<"dead" | "removing", Refusal> = {
  dead: ({ id }) => conflict(`You cannot export container ${id} which is Dead`),
  removing: ({ id }) => conflict(`You cannot export container ${id} which is being removed`),
};
const noLogs: Refusal = () => conflict("can not get logs from container which is dead or marked for removal");
const unchanged: Refusal = () => notModified("");

const ENDED = { created: notRunning, exited: notRunning, dead: notRunning, removing: notRunning } as const;

/** Per verb, the states in which it is refused; in all others it may go on. */
const REFUSED: Record<string, Partial<Record<ContainerStatus, Refusal>>> = {
  start: { running: unchanged, restarting: unchanged, paused: () => conflict("cannot start a paused container, try unpause instead"), removing: isMarked, dead: isMarked },
  stop: { created: unchanged, exited: unchanged, dead: unchanged, removing: unchanged },
  restart: { removing: isMarked, dead: isMarked },
  kill: { created: cannotKill, exited: cannotKill, dead: cannotKill, removing: cannotKill },
  pause: { ...ENDED, paused: ({ id }) => conflict(`Container ${id} is already paused`), restarting: isRestarting },
  unpause: { created: notPaused, running: notPaused, restarting: notPaused, exited: notPaused, dead: notPaused, removing: notPaused },
  exec: { ...ENDED, paused: ({ name }) => conflict(`Container ${name} is paused, unpause the container before exec`), restarting: isRestarting },
  attach: {
    paused: ({ name }) => conflict(`container ${name} is paused, unpause the container before attach`),
    restarting: ({ name }) => conflict(`container ${name} is restarting, wait until the container is running`),
  },
  resize: { ...ENDED, restarting: isRestarting },
  top: { ...ENDED, restarting: isRestarting },
  update: { dead: cannotUpdate, removing: cannotUpdate },
  logs: { dead: noLogs, removing: noLogs },
  export: cannotExport,
  remove: {
    running: cannotRemove,
    restarting: cannotRemove,
    paused: ({ name }) => conflict(`cannot remove container "${name}": container is paused and must be unpaused first`, { container: name, status: "paused" }),
    removing: ({ name }) => conflict(`removal of container ${name} is already in progress`, { container: name }),
  },
};

export type Verb = "start" | "stop" | "restart" | "kill" | "pause" | "unpause" | "exec" | "attach" | "resize" | "top" | "update" | "logs" | "export" | "remove";

/** Throws what Docker says if `verb` cannot be done in the state the container is in. `typed`: the name the client used. */
export function assertAllowed(verb: Verb, row: Named & Pick<ContainerRow, "state">, typed: string = row.name): void {
  const refusal = REFUSED[verb]?.[row.state.Status];
  if (refusal !== undefined) throw refusal({ id: row.id, name: typed }, row.state.Status);
}

/** What can befall a container, with what is known of it. */
export type Change =
  | { to: "running"; pid: number; at: string }
  | { to: "paused" | "resumed" }
  | { to: "exited" | "restarting"; exitCode: number; at: string; oomKilled: boolean; error?: string }
  | { to: "given-up" }
  | { to: "start-failed"; exitCode: number; error: string }
  | { to: "removing" }
  | { to: "dead"; error: string };

/** From which states a change can come. */
const FROM: Record<Change["to"], readonly ContainerStatus[]> = {
  running: ["created", "exited", "restarting"],
  paused: ["running"],
  resumed: ["paused"],
  exited: ["running", "paused"],
  restarting: ["running", "paused"],
  "given-up": ["restarting"],
  "start-failed": ["created", "exited", "restarting"],
  removing: ["created", "exited", "dead", "removing"],
  dead: ["removing", "dead"],
};

export const CREATED_STATE: ContainerState = {
  Status: "created",
  Running: false,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 0,
  ExitCode: 0,
  Error: "",
  StartedAt: ZERO_TIME,
  FinishedAt: ZERO_TIME,
};

export function canBecome(state: ContainerState, to: Change["to"]): boolean {
  return FROM[to].includes(state.Status);
}

/** The state after `change`; one that cannot follow is a bug. */
export function nextState(state: ContainerState, change: Change): ContainerState {
  if (!canBecome(state, change.to)) throw internal(`a container that is ${state.Status} cannot become ${change.to}`);
  switch (change.to) {
    case "running":
      return flagged({ ...state, Pid: change.pid, ExitCode: 0, Error: "", OOMKilled: false, StartedAt: change.at }, "running");
    case "paused":
      return flagged(state, "paused");
    case "resumed":
      return flagged(state, "running");
    case "exited":
    case "restarting":
      return flagged(
        { ...state, Pid: 0, ExitCode: change.exitCode, FinishedAt: change.at, OOMKilled: change.oomKilled || state.OOMKilled, ...(change.error === undefined ? {} : { Error: change.error }) },
        change.to,
      );
    case "given-up":
      return flagged(state, "exited");
    case "start-failed":
      return flagged({ ...state, Pid: 0, ExitCode: change.exitCode, Error: change.error }, state.Status === "restarting" ? "exited" : state.Status);
    case "removing":
      return flagged(state, "removing");
    case "dead":
      return flagged({ ...state, Error: change.error }, "dead");
  }
}

/** Docker's flags, as they follow from the status. */
function flagged(state: ContainerState, status: ContainerStatus): ContainerState {
  return {
    ...state,
    Status: status,
    // Docker counts a container that waits for its restart as running
    Running: status === "running" || status === "paused" || status === "restarting",
    Paused: status === "paused",
    Restarting: status === "restarting",
    Dead: status === "dead" || status === "removing",
  };
}
