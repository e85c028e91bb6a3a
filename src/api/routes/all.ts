// Every route there is.
import type { Route } from "../router.ts";
import { archiveRoutes } from "./archive.ts";
import { berthRoutes } from "./berth.ts";
import { buildRoutes } from "./build.ts";
import { containerRoutes } from "./containers.ts";
import { imageRoutes } from "./images.ts";
import { networkRoutes } from "./networks.ts";
import { streamRoutes } from "./streams.ts";
import { swarmRoutes } from "./swarm.ts";
import { systemRoutes } from "./system.ts";
import { volumeRoutes } from "./volumes.ts";

/** Rows that name more come before rows that name less. */
export const allRoutes: readonly (readonly Route[])[] = [
  streamRoutes,
  archiveRoutes,
  containerRoutes,
  imageRoutes,
  networkRoutes,
  volumeRoutes,
  systemRoutes,
  buildRoutes,
  swarmRoutes,
  berthRoutes,
];
