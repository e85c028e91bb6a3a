// Swarm: not here. Clients ask at their start and expect Docker's word for a node outside a swarm.
import { notImplemented, unavailable } from "../../base/errors.ts";
import type { Route } from "../router.ts";

const ROOMS = ["/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"] as const;

export const swarmRoutes: readonly Route[] = [
  ["POST", "/swarm/init", noSwarm],
  ["POST", "/swarm/join", noSwarm],
  ["POST", "/swarm/leave", notPart],
  ...ROOMS.flatMap((room) => ["GET", "POST", "DELETE"].flatMap((method): Route[] => [[method, room, notManager], [method, `${room}/{rest}`, notManager]])),
];

function notManager(): never {
  throw unavailable('This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.');
}

function notPart(): never {
  throw unavailable("This node is not part of a swarm");
}

function noSwarm(): never {
  throw notImplemented("this engine does not take part in swarms");
}
