// docker import URL: the archive from a web server, with Docker's words for what goes wrong.
import { get as getHttp, type IncomingMessage, STATUS_CODES } from "node:http";
import { get as getHttps } from "node:https";
import { EngineError, type ErrorKind, internal, invalid } from "../../base/errors.ts";
import { connectionText } from "../../registry/registry.ts";
import type { ProgressSink } from "../../wire/progress.ts";

const MAX_REDIRECTS = 10;
const MAX_WORDS = 1024;
const KINDS: Readonly<Record<number, ErrorKind>> = { 400: "invalid", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict" };

/** `address` may lack its scheme. Nothing is told before the server has answered. */
export async function fetchSource(address: string, progress: ProgressSink, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const url = urlOf(address);
  const response = await follow(url, signal);
  const status = response.statusCode ?? 0;
  if (status >= 400) throw new EngineError(KINDS[status] ?? "internal", `failed to GET ${url.href} with status ${status} ${STATUS_CODES[status] ?? ""}: ${await beginning(response)}`);
  progress({ status: `Downloading from ${url.href}` });
  return counted(response, Number(response.headers["content-length"] ?? 0), progress);
}

function urlOf(address: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  if (url === null) throw invalid(`invalid source: ${address}`);
  return url;
}

async function follow(first: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const response = await open(url, signal);
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined) return response;
    response.destroy();
    if (redirects === MAX_REDIRECTS - 1) throw internal(`Get ${JSON.stringify(location)}: stopped after ${MAX_REDIRECTS} redirects`);
    const next = URL.parse(location, url);
    if (next === null) throw internal(`Get ${JSON.stringify(url.href)}: failed to parse Location header ${JSON.stringify(location)}`);
    url = next;
  }
}

function open(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== "http" && scheme !== "https") throw internal(`Get ${JSON.stringify(url.href)}: unsupported protocol scheme ${JSON.stringify(scheme)}`);
  return new Promise((resolve, reject) => {
    const request = (scheme === "https" ? getHttps : getHttp)(url, { signal }, resolve);
    request.on("error", (error) => reject(internal(`Get ${JSON.stringify(url.href)}: ${connectionText(error)}`, {}, error)));
  });
}

async function beginning(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const bytes of response as AsyncIterable<Buffer>) {
    text += bytes.toString();
    if (text.length > MAX_WORDS) break;
  }
  return text.slice(0, MAX_WORDS);
}

async function* counted(source: AsyncIterable<Uint8Array>, total: number, progress: ProgressSink): AsyncGenerator<Uint8Array> {
  const step = Math.max(total / 100, 1 << 19);
  let current = 0;
  let told = 0;
  for await (const bytes of source) {
    current += bytes.length;
    if (current - told >= step || current === total) {
      told = current;
      progress({ status: "Importing", progressDetail: { current, total } });
    }
    yield bytes;
  }
}
