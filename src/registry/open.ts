// Opens the registry client: one transport for all operations.
import type { Log } from "../base/log.ts";
import { type EndpointOptions, endpointsOf } from "./endpoint.ts";
import { login } from "./login.ts";
import type { Registry, RegistryOptions } from "./registry.ts";
import { Repository } from "./repository.ts";
import { search } from "./search.ts";
import { loadSystemRoots } from "./system-roots.ts";
import { DEFAULT_TIMEOUTS } from "./timeouts.ts";
import { createTransfers } from "./transfers.ts";
import { openTransport } from "./transport.ts";

export function openRegistry(options: RegistryOptions, log: Log): Registry {
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const environment = options.environment ?? process.env;
  const transport = openTransport(timeouts, environment);
  let roots: string[] | undefined;
  const where: EndpointOptions = { ...options, systemRoots: () => (roots ??= loadSystemRoots(environment)) };
  const shared = { transport, userAgent: options.userAgent };
  return {
    transfers: createTransfers({ downloads: options.maxConcurrentDownloads ?? 3, uploads: options.maxConcurrentUploads ?? 5 }),
    repository(repository, auth, access) {
      const slash = repository.indexOf("/");
      const registry = repository.slice(0, slash);
      let endpoints: ReturnType<typeof endpointsOf> | undefined;
      return new Repository({
        ...shared,
        registry,
        path: repository.slice(slash + 1),
        auth,
        access,
        endpoints: () => (endpoints ??= endpointsOf(registry, access === "pull", where)),
        timeouts,
        policy: { attempts: options.maxAttempts, backoffMs: timeouts.backoffMs },
        log,
      });
    },
    login: (auth) => login({ ...shared, options: where }, auth),
    search: (term, limit, auth) => search({ ...shared, options: where }, { term, limit, auth }),
    async close() {
      transport.close();
    },
  };
}
