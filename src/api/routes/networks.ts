// /networks
import { invalid } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { connectNetwork, type ConnectRequest } from "../../engine/network/connect.ts";
import { createNetwork, type CreateNetworkRequest } from "../../engine/network/create.ts";
import { disconnectNetwork } from "../../engine/network/disconnect.ts";
import { inspectNetwork } from "../../engine/network/inspect.ts";
import { listNetworks } from "../../engine/network/list.ts";
import { pruneNetworks } from "../../engine/network/prune.ts";
import { removeNetwork } from "../../engine/network/remove.ts";
import { readJson } from "../body.ts";
import { created, empty, json, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Route } from "../router.ts";
import { connectShape, createNetworkShape, disconnectShape } from "../shapes/network.ts";

export const networkRoutes: readonly Route[] = [
  ["GET", "/networks", list],
  ["GET", "/networks/", list],
  ["POST", "/networks/create", create],
  ["POST", "/networks/prune", async (engine, request) => json(await pruneNetworks(engine, request.query.filters(), request.actor))],
  ["POST", "/networks/{name}/connect", connect],
  ["POST", "/networks/{name}/disconnect", disconnect],
  ["GET", "/networks/{name}", inspect],
  ["DELETE", "/networks/{name}", remove],
];

function list(engine: Engine, { query }: ApiRequest): Reply {
  // the list does not say who is connected
  return json(listNetworks(engine, query.filters()).map((network) => ({ ...network, Containers: {} })));
}

function inspect(engine: Engine, request: ApiRequest): Reply {
  const verbose = request.query.text("verbose");
  if (verbose !== "" && !/^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(verbose)) {
    throw invalid(`invalid value for verbose: ${verbose}: strconv.ParseBool: parsing ${JSON.stringify(verbose)}: invalid syntax`);
  }
  const scope = request.query.text("scope");
  return json(inspectNetwork(engine, param(request), scope === "" ? {} : { scope }));
}

async function create(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = await readJson<CreateNetworkRequest>(request, createNetworkShape);
  return created(await createNetwork(engine, body ?? {}, request.actor));
}

async function connect(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = await readJson<ConnectRequest>(request, connectShape);
  await connectNetwork(engine, param(request), body ?? {});
  return empty(200);
}

async function disconnect(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = await readJson<{ Container?: string; Force?: boolean }>(request, disconnectShape);
  await disconnectNetwork(engine, param(request), body ?? {});
  return empty(200);
}

async function remove(engine: Engine, request: ApiRequest): Promise<Reply> {
  await removeNetwork(engine, param(request), { actor: request.actor });
  return empty();
}
