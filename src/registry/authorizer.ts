// Finds the Authorization header for requests to one registry, from its challenges and the client's credentials.
import type { Challenge } from "./challenge.ts";
import { basicHeader, userPassword } from "./credentials.ts";
import { failure } from "./failure.ts";
import type { AuthConfig } from "./registry.ts";
import { fetchToken, type Token } from "./token.ts";
import type { Transport, Trust } from "./transport.ts";

export interface AuthorizerOptions {
  auth: AuthConfig | undefined;
  trust: Trust;
  secure: boolean;
  userAgent: string;
  /** As repository:library/busybox:pull. */
  scope?: string;
}

/** A token is not used in its last seconds: the request must arrive while it is good. */
const MARGIN_MS = 10_000;

export class Authorizer {
  private challenges: readonly Challenge[] = [];
  private readonly scopes = new Set<string>();
  private token: { of: string; value: Promise<Token> } | undefined;
  private expiresMs = 0;

  constructor(
    private readonly transport: Transport,
    private readonly options: AuthorizerOptions,
  ) {
    if (options.scope !== undefined) this.scopes.add(options.scope);
  }

  /** From a 401. */
  learn(challenges: readonly Challenge[]): void {
    if (challenges.length > 0) this.challenges = challenges;
  }

  knows(scheme: string): boolean {
    return this.challenges.some((challenge) => challenge.scheme === scheme);
  }

  /** The client brought the very token to use: there is no other. */
  get fixed(): boolean {
    return Boolean(this.options.auth?.registrytoken);
  }

  addScope(scope: string): void {
    this.scopes.add(scope);
  }

  /** The token was refused: the next request gets another. */
  forget(): void {
    this.token = undefined;
  }

  async header(signal?: AbortSignal): Promise<string | undefined> {
    if (this.options.auth?.registrytoken) return `Bearer ${this.options.auth.registrytoken}`;
    const bearer = this.challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) return `Bearer ${(await this.freshToken(bearer, signal)).token}`;
    if (!this.knows("basic")) return undefined;
    const user = userPassword(this.options.auth);
    if (user === undefined) throw failure("no basic auth credentials");
    return basicHeader(user);
  }

  /** Requests at the same time share one token. */
  private async freshToken(challenge: Challenge, signal?: AbortSignal): Promise<Token> {
    const scopes = [...this.scopes];
    const of = scopes.join(" ");
    if (this.token === undefined || this.token.of !== of || Date.now() > this.expiresMs - MARGIN_MS) {
      this.expiresMs = Number.POSITIVE_INFINITY;
      this.token = { of, value: this.ask(challenge, scopes, signal) };
    }
    const mine = this.token;
    try {
      return await mine.value;
    } catch (error) {
      if (this.token === mine) this.token = undefined;
      throw error;
    }
  }

  private async ask(challenge: Challenge, scopes: readonly string[], signal?: AbortSignal): Promise<Token> {
    const { realm = "", service = "", scope = "" } = challenge.parameters;
    const { auth, trust, secure, userAgent } = this.options;
    // a registry that is asked for nothing in particular (ping, login) may name the scope itself
    const wanted = scopes.length > 0 || scope === "" ? scopes : [scope];
    const token = await fetchToken(this.transport, { realm, service, scopes: wanted, auth, trust, secure, userAgent }, signal);
    this.expiresMs = token.expiresMs;
    return token;
  }
}
