// What went wrong with a connection, in the words of Docker (that is, of Go's net and tls packages).
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

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

/** Codes for a certificate that was refused, but for its names. */
const REFUSED_CERTIFICATE = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);

/** What checkServerIdentity refuses with: its message is in Go's words already. */
export const WRONG_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";

/** Alerts that Go calls otherwise than OpenSSL. */
const ALERTS: Record<string, string> = {
  UNKNOWN_CA: "unknown certificate authority",
  CERTIFICATE_EXPIRED: "expired certificate",
  CERTIFICATE_REVOKED: "revoked certificate",
  CERTIFICATE_UNKNOWN: "unknown certificate",
  BAD_RECORD_MAC: "bad record MAC",
  DECRYPT_ERROR: "error decrypting message",
  PROTOCOL_VERSION: "protocol version not supported",
  INSUFFICIENT_SECURITY: "insufficient security level",
  UNEXPECTED_MESSAGE: "unexpected message",
};

export function isCertificateRefusal(error: unknown): boolean {
  return REFUSED_CERTIFICATE.has(unwrap(error).code ?? "");
}

/** Text for an error of a socket, of TLS or of the HTTP parser; `ends` are those of its connection, where it stood. */
export function connectionText(error: unknown, ends?: string): string {
  const first = unwrap(error);
  const code = first.code ?? "";
  const words = CONNECT_WORDS[code];
  if (words !== undefined) return first.address === undefined ? words : `dial tcp ${joinHostPort(first.address, first.port)}: ${words}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_NODATA") return lookupText(first);
  if (code === WRONG_NAME) return `tls: failed to verify certificate: ${first.message}`;
  const tls = tlsText(code, first.message);
  if (tls !== undefined) return tls;
  const tcp = ends === undefined ? "" : ` tcp ${ends}:`;
  if (first.message === "socket hang up" || code === "ERR_SOCKET_CLOSED") return "EOF";
  if (code === "ECONNRESET") return first.message === "aborted" ? "unexpected EOF" : `read${tcp}${tcp === "" ? ":" : " read:"} connection reset by peer`;
  if (code === "EPIPE") return `write${tcp}${tcp === "" ? ":" : " write:"} broken pipe`;
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

function tlsText(code: string, message: string): string | undefined {
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(`${code} ${message}`)) return "http: server gave HTTP response to HTTPS client";
  const alert = /(?:TLSV1|TLSV13|SSLV3)_ALERT_([A-Z_]+)/.exec(`${code} ${message}`)?.[1];
  if (alert !== undefined) return `remote error: tls: ${ALERTS[alert] ?? alert.toLowerCase().replaceAll("_", " ")}`;
  return code === "EPROTO" ? "tls: handshake failure" : undefined;
}

/** As Go names a connection: from->to. */
export function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string | undefined {
  if (localAddress === undefined || remoteAddress === undefined) return undefined;
  return `${joinHostPort(localAddress, localPort)}->${joinHostPort(remoteAddress, remotePort)}`;
}

export function joinHostPort(host: string, port: number | string | undefined): string {
  const address = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? address : `${address}:${port}`;
}

/** Without the brackets of IPv6. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}
