// --add-host: `name:ip` or `name=ip`, the address possibly in brackets, or `host-gateway`.
import { failure } from "../failure.ts";
import { isIP } from "./ip-address.ts";

/** The entry as the API wants it: `name:ip`. */
export function parseExtraHost(text: string): string {
  const match = /^([^=:]+)[=:](.+)$/.exec(text);
  if (!match) throw failure(`bad format for add-host: ${JSON.stringify(text)}`);
  const [, name = "", address = ""] = match;
  if (address === "host-gateway") return `${name}:${address}`;
  const bare = /^\[.*\]$/.test(address) ? address.slice(1, -1) : address;
  if (isIP(bare) === 0) throw failure(`invalid IP address in add-host: ${JSON.stringify(bare)}`);
  return `${name}:${bare}`;
}
