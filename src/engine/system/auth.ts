// POST /auth: are these credentials good?
import { invalid } from "../../base/errors.ts";
import type { AuthConfig } from "../../registry/registry.ts";
import type { Engine } from "../engine.ts";

export async function checkAuth(engine: Pick<Engine, "registry">, auth: AuthConfig): Promise<{ IdentityToken: string; Status: string }> {
  checkAddress(auth.serveraddress ?? "");
  const { Status, IdentityToken = "" } = await engine.registry.login(auth);
  return { IdentityToken, Status };
}

/** What no address can be made of is the caller's fault, not the registry's. */
function checkAddress(address: string): void {
  const text = /^https?:\/\//.test(address) ? address : `https://${address}`;
  if (address === "" || (URL.canParse(text) && !/[\u0000-\u0020\u007f]/.test(text))) return;
  const bad = /[\u0000-\u0020\u007f]/.exec(text)?.[0];
  throw invalid(`unable to parse server address: parse ${JSON.stringify(text)}: invalid character ${bad === undefined ? "" : `${JSON.stringify(bad)} `}in host name`);
}
