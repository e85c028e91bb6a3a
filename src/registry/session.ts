// Requests to one registry endpoint: authorised, redirects followed, refusals turned into errors.
import { parseChallenges } from "./challenge.ts";
import { Authorizer } from "./authorizer.ts";
import type { Endpoint } from "./endpoint.ts";
import { failure, failureDetail, inRequest } from "./failure.ts";
import type { AuthConfig } from "./registry.ts";
import type { Reply } from "./reply.ts";
import { responseError } from "./response-error.ts";
import type { Request, Transport, Trust } from "./transport.ts";

export interface SessionOptions {
  auth: AuthConfig | undefined;
  scope?: string;
  userAgent: string;
}

export interface Call {
  headers?: Record<string, string>;
  body?: Request["body"];
  signal?: AbortSignal | undefined;
  headersMs?: number;
  /** Statuses besides 2xx that are no errors. */
  accept?: readonly number[];
  /** The bytes are checked by digest: a redirect may lead to plain http. */
  verifiable?: boolean;
  /** Nothing in the query is secret: errors show it. */
  showsQuery?: boolean;
  /** Errors do not name the request. */
  bare?: boolean;
  /** Docker asks HEAD before: its errors name that. */
  toldAs?: string;
}

const MAX_REDIRECTS = 10;

export class Session {
  readonly authorizer: Authorizer;
  private readonly strangersTrust: Trust;

  constructor(
    private readonly transport: Transport,
    readonly endpoint: Endpoint,
    private readonly options: SessionOptions,
  ) {
    const { trust, base } = endpoint;
    this.authorizer = new Authorizer(transport, { ...options, trust, secure: base.startsWith("https:") && trust.verify });
    // our client certificate is for the registry alone
    const { cert: _cert, key: _key, ...rest } = trust;
    this.strangersTrust = { ...rest, id: `${trust.id} without key` };
  }

  /** Asks /v2/: is there a registry, and which credentials does it want? Its status does not matter. */
  async ping(signal?: AbortSignal): Promise<Reply> {
    const url = new URL(`${this.endpoint.base}/v2/`);
    try {
      const reply = await this.transport.send({ method: "GET", url, headers: { "user-agent": this.options.userAgent }, trust: this.endpoint.trust, ...(signal === undefined ? {} : { signal }) });
      this.authorizer.learn(reply.status === 401 ? parseChallenges(reply.headers["www-authenticate"]) : []);
      return reply;
    } catch (error) {
      throw inRequest(error, "GET", url);
    }
  }

  /** `target` is a path below the endpoint, or a whole address that the registry gave. */
  async call(method: string, target: string | URL, call: Call = {}): Promise<Reply> {
    const url = typeof target === "string" ? new URL(this.endpoint.base + target) : target;
    try {
      const reply = await this.follow(method, url, call);
      if ((reply.status >= 200 && reply.status < 300) || call.accept?.includes(reply.status) === true) return reply;
      throw await responseError(reply);
    } catch (error) {
      const { status, token } = failureDetail(error);
      throw call.bare === true || (status !== undefined && token !== true) ? error : inRequest(error, call.toldAs ?? method, url, call.showsQuery === true ? url.search : "");
    }
  }

  /** An address from a Location header, as seen from where it was given. */
  resolve(location: string | undefined, from: URL): URL {
    const url = location === undefined ? null : URL.parse(location, from);
    if (url === null) throw failure("the registry gave no usable location");
    if (url.protocol !== "http:" && url.protocol !== "https:") throw failure(`unsupported protocol scheme "${url.protocol.slice(0, -1)}"`);
    // registries behind a TLS proxy often do not know that they are
    if (url.host === from.host && from.protocol === "https:") url.protocol = "https:";
    return url;
  }

  private async follow(method: string, start: URL, call: Call): Promise<Reply> {
    let url = start;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const reply = await this.authorised(method, url, call);
      const redirected = (method === "GET" || method === "HEAD") && [301, 302, 303, 307, 308].includes(reply.status) && reply.headers.location !== undefined;
      if (!redirected) return reply;
      reply.discard();
      const next = this.resolve(reply.headers.location, url);
      if (url.protocol === "https:" && next.protocol === "http:" && this.endpoint.trust.verify && call.verifiable !== true) throw failure(`redirected to ${next.host} without TLS`);
      url = next;
    }
    throw failure(`stopped after ${MAX_REDIRECTS} redirects`);
  }

  /** After a 401 once more, with what it taught us. */
  private async authorised(method: string, url: URL, call: Call): Promise<Reply> {
    const ours = url.origin === new URL(this.endpoint.base).origin;
    if (!ours) return this.send(method, url, call, undefined);
    const first = await this.send(method, url, call, await this.authorizer.header(call.signal));
    if (first.status !== 401) return first;
    const challenges = parseChallenges(first.headers["www-authenticate"]);
    // user and password were refused: they will be again
    const usedBasic = !challenges.some(({ scheme }) => scheme === "bearer");
    if (usedBasic && this.authorizer.knows("basic")) return first;
    this.authorizer.learn(challenges);
    this.authorizer.forget();
    if (challenges.length === 0 || this.authorizer.fixed) return first;
    first.discard();
    return this.send(method, url, call, await this.authorizer.header(call.signal));
  }

  private send(method: string, url: URL, call: Call, authorization: string | undefined): Promise<Reply> {
    const ours = url.origin === new URL(this.endpoint.base).origin;
    return this.transport.send({
      method,
      url,
      headers: { "user-agent": this.options.userAgent, ...call.headers, ...(authorization === undefined ? {} : { authorization }) },
      trust: ours ? this.endpoint.trust : this.strangersTrust,
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      ...(call.headersMs === undefined ? {} : { headersMs: call.headersMs }),
    });
  }
}
