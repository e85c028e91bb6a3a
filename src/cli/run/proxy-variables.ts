// `proxies` of config.json → the environment variables that containers get.
import type { ConfigFile } from "../config-file.ts";

interface ProxyConfig {
  httpProxy?: string;
  httpsProxy?: string;
  noProxy?: string;
  ftpProxy?: string;
  allProxy?: string;
}

const NAMES = [["httpProxy", "HTTP_PROXY"], ["httpsProxy", "HTTPS_PROXY"], ["noProxy", "NO_PROXY"], ["ftpProxy", "FTP_PROXY"], ["allProxy", "ALL_PROXY"]] as const;

/** Variables that the user set with --env are left alone. */
export function proxyVariables(config: ConfigFile, host: string, env: readonly string[]): string[] {
  const proxies = config.record<ProxyConfig>("proxies");
  const chosen = proxies[host] ?? proxies["default"];
  if (!chosen) return [];
  const taken = new Set(env.map((text) => text.split("=")[0]));
  return NAMES.flatMap(([key, name]) => (chosen[key] ? [name, name.toLowerCase()].filter((variable) => !taken.has(variable)).map((variable) => `${variable}=${chosen[key]}`) : []));
}
