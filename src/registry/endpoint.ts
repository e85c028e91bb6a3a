// Where a repository's registry is reached: mirrors first, https before http, as Docker tries them.
import { createHash } from "node:crypto";
import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import { loadCertificates, type Certificates } from "./certificates.ts";
import { inSubnet } from "./proxy.ts";
import type { RegistryOptions } from "./registry.ts";
import type { Trust } from "./transport.ts";

export interface Endpoint {
  /** Everything before /v2/, without a slash at the end. */
  base: string;
  mirror: boolean;
  trust: Trust;
}

const HUB = "docker.io";
const HUB_ADDRESS = "https://registry-1.docker.io";
const LOOPBACK = ["127.0.0.0/8", "::1/128"];

export type EndpointOptions = Pick<RegistryOptions, "mirrors" | "insecureRegistries" | "certDirectories"> & {
  /** Authorities that the machine trusts, as PEM. */
  systemRoots: () => readonly string[];
};

/** `domain` of a canonical reference, as docker.io or localhost:5000. Mirrors serve pulls of docker.io only. */
export async function endpointsOf(domain: string, withMirrors: boolean, options: EndpointOptions): Promise<Endpoint[]> {
  if (domain !== HUB && domain !== "index.docker.io") return direct(domain, options);
  const mirrors = withMirrors ? options.mirrors : [];
  const found: Endpoint[] = [];
  for (const mirror of mirrors) {
    const url = new URL(/^https?:\/\//.test(mirror) ? mirror : `https://${mirror}`);
    found.push({ base: url.href.replace(/\/+$/, ""), mirror: true, trust: await trustOf(url.host, options) });
  }
  found.push({ base: HUB_ADDRESS, mirror: false, trust: makeTrust(true, loadCertificates(options.certDirectories, "registry-1.docker.io"), options) });
  return found;
}

async function direct(domain: string, options: EndpointOptions): Promise<Endpoint[]> {
  const trust = await trustOf(domain, options);
  const secure: Endpoint = { base: `https://${domain}`, mirror: false, trust };
  return trust.verify ? [secure] : [secure, { ...secure, base: `http://${domain}` }];
}

async function trustOf(host: string, options: EndpointOptions): Promise<Trust> {
  return makeTrust(!(await isInsecure(host, options.insecureRegistries)), loadCertificates(options.certDirectories, host), options);
}

function makeTrust(verify: boolean, { authorities, ...pair }: Certificates, { systemRoots }: EndpointOptions): Trust {
  const content = JSON.stringify([verify, authorities, pair.cert, pair.key]);
  // without a check there is nothing to check against
  return { verify, ...pair, ...(verify ? { ca: [...systemRoots(), ...authorities] } : {}), id: createHash("sha256").update(content).digest("hex") };
}

/** Listed by name, or one of its addresses in a listed subnet; the machine itself always is. */
export async function isInsecure(host: string, listed: readonly string[]): Promise<boolean> {
  const names = listed.map((entry) => entry.replace(/^https?:\/\//, "").replace(/\/+$/, ""));
  if (names.includes(host)) return true;
  const subnets = [...LOOPBACK, ...names.filter((name) => name.includes("/"))];
  const addresses = await addressesOf(hostOnly(host));
  return addresses.some((address) => subnets.some((subnet) => inSubnet(subnet, address)));
}

export function hostOnly(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await dns.lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    // not known: nothing says that it is near, so it counts as secure
    return [];
  }
}
