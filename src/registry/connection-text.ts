// What went wrong with a connection, in the words of Docker (that is, of Go's net package).
import { readFileSync } from "node:fs";

interface SystemError extends Error {
  code?: string;
  address?: string;
  port?: number;
  hostname?: string;
  errors?: unknown[];
}

const CONNECT_WORDS: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
  EACCES: "connect: permission denied",
  EPERM: "connect: operation not permitted",
};

const TLS_WORDS: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  SELF_SIGNED_CERT_IN_CHAIN: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  CERT_HAS_EXPIRED: "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
  EPROTO: "tls: handshake failure",
  ERR_SSL_WRONG_VERSION_NUMBER: "http: server gave HTTP response to HTTPS client",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "http: server gave HTTP response to HTTPS client",
  ERR_SSL_HTTP_REQUEST: "http: server gave HTTP response to HTTPS client",
};

/** Text for an error of a socket, of TLS or of the HTTP parser. */
export function connectionText(error: unknown): string {
  const first = unwrap(error);
  const code = first.code ?? "";
  const words = CONNECT_WORDS[code];
  if (words !== undefined) return first.address === undefined ? words : `dial tcp ${joinHostPort(first.address, first.port)}: ${words}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_NODATA") return lookupText(first);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `tls: failed to verify certificate: x509: ${altNameText(first)}`;
  const tls = TLS_WORDS[code] ?? (/wrong version number|packet length too long|http request/i.test(first.message) ? TLS_WORDS["ERR_SSL_WRONG_VERSION_NUMBER"] : undefined);
  if (tls !== undefined) return tls;
  if (first.message === "socket hang up") return "EOF";
  if (code === "ECONNRESET") return first.message === "aborted" ? "unexpected EOF" : "read: connection reset by peer";
  if (code === "EPIPE") return "write: broken pipe";
  if (code.startsWith("HPE_")) return `net/http: HTTP/1.x transport connection broken: malformed HTTP response`;
  return first.message === "" ? code : first.message;
}

function unwrap(error: unknown): SystemError {
  const outer = error as SystemError;
  const inner = Array.isArray(outer.errors) ? outer.errors[0] : undefined;
  return inner === undefined ? outer : unwrap(inner);
}

function lookupText(error: SystemError): string {
  const server = nameServer();
  const where = server === undefined ? "" : ` on ${server}`;
  return `dial tcp: lookup ${error.hostname ?? ""}${where}: ${error.code === "EAI_AGAIN" ? "server misbehaving" : "no such host"}`;
}

function nameServer(): string | undefined {
  try {
    const address = /^\s*nameserver\s+(\S+)/m.exec(readFileSync("/etc/resolv.conf", "utf8"))?.[1];
    return address === undefined ? undefined : joinHostPort(address, 53);
  } catch {
    // no such file: the text does without the server
    return undefined;
  }
}

function altNameText(error: SystemError): string {
  const match = /Host: (\S+?)\. is not (?:in the cert's altnames: (.*)|cert's CN: (.*))$/.exec(error.message);
  if (match === null) return error.message;
  const names = (match[2] ?? match[3] ?? "").replaceAll(/(DNS|IP Address):/g, "");
  return `certificate is valid for ${names}, not ${match[1]}`;
}

export function joinHostPort(host: string, port: number | string | undefined): string {
  const address = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? address : `${address}:${port}`;
}
