// What is in PEM files. What cannot be read in a list of authorities is passed over, as Go does.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { failure } from "./failure.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

export function parseAuthorities(text: string): string[] {
  return [...new Set(text.match(CERTIFICATE) ?? [])].filter((pem) => parseCertificate(pem) !== undefined);
}

/** Throws Go's words for a pair that is none. */
export function checkPair(certPem: string, keyPem: string): void {
  const first = certPem.match(CERTIFICATE)?.[0];
  if (first === undefined) throw failure("tls: failed to find any PEM data in certificate input");
  if (!/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(keyPem)) throw failure("tls: failed to find any PEM data in key input");
  const certificate = parseCertificate(first);
  if (certificate === undefined) throw failure("x509: malformed certificate");
  if (!fits(certificate, keyPem)) throw failure("tls: private key does not match public key");
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function fits(certificate: X509Certificate, keyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    // a key that cannot be read fits nothing
    return false;
  }
}
