// Why a server's certificate is not taken, in the words of Go's x509 package and by its rules.
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

const MANY_NAMES = 100;

/** Undefined if the certificate is for `host`. A common name alone counts for nothing. */
export function identityProblem(host: string, certificate: PeerCertificate): string | undefined {
  const names = (certificate.subjectaltname ?? "").split(", ").filter((name) => name !== "");
  const [dnsNames, addresses] = ["DNS:", "IP Address:"].map((kind) => names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length))) as [string[], string[]];
  const mismatch = checkServerIdentity(host, certificate);
  if (names.length === 0 && mismatch === undefined) return "x509: certificate relies on legacy Common Name field, use SANs instead";
  if (mismatch === undefined) return undefined;
  const isAddress = isIP(host) !== 0;
  const valid = isAddress ? addresses : dnsNames;
  if (isAddress && valid.length === 0) return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  if (valid.length >= MANY_NAMES) return `x509: certificate is valid for ${valid.length} ${isAddress ? "IP SANs" : "names"}, but none matched ${host}`;
  if (valid.length === 0) return `x509: certificate is not valid for any names, but wanted to match ${host}`;
  return `x509: certificate is valid for ${valid.join(", ")}, not ${host}`;
}

/** The first reason of a refusal, in the order Go looks: date, name, authority. */
export function refusalText(host: string, certificate: PeerCertificate | undefined, now: Date): string {
  const unknown = "x509: certificate signed by unknown authority";
  if (certificate === undefined) return unknown;
  return dateProblem(certificate, now) ?? identityProblem(host, certificate) ?? unknown;
}

function dateProblem({ valid_from, valid_to }: PeerCertificate, now: Date): string | undefined {
  const [from, to] = [new Date(valid_from), new Date(valid_to)];
  const wrong = now < from ? `before ${seconds(from)}` : now > to ? `after ${seconds(to)}` : undefined;
  return wrong === undefined ? undefined : `x509: certificate has expired or is not yet valid: current time ${seconds(now)} is ${wrong}`;
}

function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
