// Building is not part of this engine: a plain word instead of a stall.
import { notImplemented } from "../../base/errors.ts";
import { json } from "../reply.ts";
import type { Route } from "../router.ts";

export const buildRoutes: readonly Route[] = [
  ["POST", "/build", notHere],
  ["POST", "/build/cancel", notHere],
  ["POST", "/session", notHere],
  ["POST", "/grpc", notHere],
  // there is no cache, so pruning it is done already
  ["POST", "/build/prune", () => json({ CachesDeleted: null, SpaceReclaimed: 0 })],
];

function notHere(): never {
  throw notImplemented("this engine does not build images: build elsewhere and pull or load the result");
}
