// The STATUS column: "Up 3 minutes (healthy)", "Exited (0) 2 hours ago". Pure.
import { humanDuration } from "../../wire/human-duration.ts";
import type { ContainerState } from "../../wire/docker.ts";
import { ZERO_TIME } from "../clock.ts";

export function statusText(state: ContainerState, nowMs: number): string {
  const since = (time: string): string => humanDuration(nowMs - Date.parse(time));
  switch (state.Status) {
    case "paused":
      return `Up ${since(state.StartedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.ExitCode}) ${since(state.FinishedAt)} ago`;
    case "running":
      return `Up ${since(state.StartedAt)}${healthText(state.Health?.Status)}`;
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
    default:
      if (state.StartedAt === ZERO_TIME) return "Created";
      return state.FinishedAt === ZERO_TIME ? "" : `Exited (${state.ExitCode}) ${since(state.FinishedAt)} ago`;
  }
}

function healthText(status: string | undefined): string {
  if (status === undefined || status === "none") return "";
  return status === "starting" ? " (health: starting)" : ` (${status})`;
}
