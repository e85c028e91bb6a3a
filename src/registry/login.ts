// Checks credentials as POST /auth does: the registry is asked with them; a token server is asked for a refresh token too.
import { STATUS_CODES } from "node:http";
import { parseChallenges } from "./challenge.ts";
import { userPassword } from "./credentials.ts";
import { type EndpointOptions, endpointsOf } from "./endpoint.ts";
import { failure, failureDetail, inRequest, withoutDetail } from "./failure.ts";
import type { AuthConfig } from "./registry.ts";
import { Session } from "./session.ts";
import { fetchToken } from "./token.ts";
import type { Transport } from "./transport.ts";

export interface LoginParts {
  transport: Transport;
  userAgent: string;
  options: EndpointOptions;
}

const HUB_ADDRESSES = ["", "https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"];

export async function login(parts: LoginParts, auth: AuthConfig): Promise<{ Status: string; IdentityToken?: string }> {
  const endpoints = await endpointsOf(domainOf(auth.serveraddress ?? ""), false, parts.options);
  let problem: unknown;
  for (const endpoint of endpoints) {
    try {
      const session = new Session(parts.transport, endpoint, { auth, userAgent: parts.userAgent });
      const identityToken = await prove(parts, session, auth);
      return { Status: "Login Succeeded", ...(identityToken === undefined ? {} : { IdentityToken: identityToken }) };
    } catch (error) {
      problem = error;
      const { tls, status } = failureDetail(error);
      // the server spoke TLS, or refused: plain http would not be another try but a leak
      if (tls === true || status !== undefined) break;
    }
  }
  throw withoutDetail(problem);
}

function refused(url: string, status: number): Error {
  const text = `login attempt to ${url} failed with status: ${status} ${STATUS_CODES[status] ?? ""}`;
  // a 500, as Docker answers it; and no other endpoint is tried
  return failure(text, { retry: false, tls: true });
}

/** A host, as in image names; people also give whole addresses. */
function domainOf(address: string): string {
  if (HUB_ADDRESSES.includes(address)) return "docker.io";
  return address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

async function prove(parts: LoginParts, session: Session, auth: AuthConfig): Promise<string | undefined> {
  const reply = await session.ping();
  reply.discard();
  if (reply.status === 200) return undefined;
  const bearer = parseChallenges(reply.headers["www-authenticate"]).find(({ scheme }) => scheme === "bearer");
  if (bearer === undefined) {
    await enter(session);
    return undefined;
  }
  const { trust, base } = session.endpoint;
  const token = await fetchToken(parts.transport, {
    realm: bearer.parameters["realm"] ?? "",
    service: bearer.parameters["service"] ?? "",
    scopes: [],
    auth,
    offline: userPassword(auth) !== undefined,
    trust,
    secure: base.startsWith("https:") && trust.verify,
    userAgent: parts.userAgent,
  }).catch((error: unknown) => {
    throw inRequest(error, "GET", new URL(`${base}/v2/`));
  });
  await enter(new Session(parts.transport, session.endpoint, { auth: { registrytoken: token.token }, userAgent: parts.userAgent }));
  return token.refreshToken ?? auth.identitytoken;
}

/** With what the session has to show. */
async function enter(session: Session): Promise<void> {
  const reply = await session.call("GET", "/v2/", { accept: [401, 403, 404, 500, 502, 503] });
  reply.discard();
  if (reply.status >= 300) throw refused(`${session.endpoint.base}/v2/`, reply.status);
}
