// POST /auth: are these credentials good?
import type { AuthConfig } from "../../registry/registry.ts";
import type { Engine } from "../engine.ts";

export async function checkAuth(engine: Pick<Engine, "registry">, auth: AuthConfig): Promise<{ Status: string; IdentityToken: string }> {
  const { Status, IdentityToken = "" } = await engine.registry.login(auth);
  return { Status, IdentityToken };
}
