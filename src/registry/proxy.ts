// Which proxy a request goes through, from HTTP_PROXY, HTTPS_PROXY and NO_PROXY, by the rules of Go's httpproxy.
import { BlockList, isIP } from "node:net";
import { invalid } from "../base/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined: none. Requests to the machine itself never use one. */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const read = (name: string): string => environment[name] || environment[name.toLowerCase()] || "";
  const text = read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (text === "" || bypassed(url, read("NO_PROXY"))) return undefined;
  const proxy = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (proxy === null) throw invalid("invalid proxy address in the environment");
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") throw invalid(`proxy scheme ${proxy.protocol.slice(0, -1)} is not supported`);
  return proxy;
}

function bypassed(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || isLoopback(host)) return true;
  return list.split(",").some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return inSubnet(entry, host);
  const [, name, wantedPort] = /^(\[[^\]]*\]|[^:]*(?::[^:]*:.*)?)(?::(\d+))?$/.exec(entry) ?? ["", entry, undefined];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const wanted = (name ?? entry).replace(/^\[|\]$/g, "").replace(/^\*\./, ".");
  if (isIP(wanted) !== 0) return wanted === host;
  // ".x" means only what is below x; "x" means x as well
  return wanted.startsWith(".") ? host.endsWith(wanted) : host === wanted || host.endsWith(`.${wanted}`);
}

export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "") return undefined;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

export function isLoopback(host: string): boolean {
  return isIP(host) === 4 ? host.startsWith("127.") : host === "::1";
}

/** True if the address `host` is in `subnet` (as 10.0.0.0/8); false for names and for what cannot be read. */
export function inSubnet(subnet: string, host: string): boolean {
  const family = isIP(host);
  const [base = "", bits = ""] = subnet.split("/");
  if (family === 0 || isIP(base) !== family || !/^\d+$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const kind = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(base, Number(bits), kind);
  return list.check(host, kind);
}
