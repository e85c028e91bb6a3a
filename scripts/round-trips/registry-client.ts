// Puts shapes into a registry and reads manifests out of it, exactly: no tool in between that would change a byte.
import type { Digest, Manifest } from "../../src/wire/oci.ts";
import { MEDIA } from "../../src/wire/oci.ts";
import { type Document, sha256, type Shape } from "./shape.ts";

/** `path` is the repository; the tag is `1`. */
export async function putShape(address: string, path: string, { blobs, manifests, index }: Shape): Promise<void> {
  for (const [digest, bytes] of blobs) await putBlob(address, path, digest, bytes);
  for (const manifest of manifests) await putManifest(address, path, index === undefined ? "1" : manifest.digest, manifest);
  if (index !== undefined) await putManifest(address, path, "1", index);
}

async function putBlob(address: string, path: string, digest: Digest, bytes: Uint8Array): Promise<void> {
  const begun = await ask(`http://${address}/v2/${path}/blobs/uploads/`, { method: "POST" });
  const place = new URL(begun.headers.get("location") ?? "", `http://${address}`);
  place.searchParams.set("digest", digest);
  await ask(place.href, { method: "PUT", body: bytes as Uint8Array<ArrayBuffer>, headers: { "content-type": "application/octet-stream" } });
}

async function putManifest(address: string, path: string, reference: string, { bytes, mediaType }: Document): Promise<void> {
  await ask(`http://${address}/v2/${path}/manifests/${reference}`, { method: "PUT", body: bytes as Uint8Array<ArrayBuffer>, headers: { "content-type": mediaType } });
}

export async function getManifest(address: string, path: string, reference = "1"): Promise<{ digest: Digest; manifest: Manifest }> {
  const accept = [MEDIA.ociManifest, MEDIA.dockerManifest].join(", ");
  const bytes = Buffer.from(await (await ask(`http://${address}/v2/${path}/manifests/${reference}`, { headers: { accept } })).arrayBuffer());
  return { digest: sha256(bytes), manifest: JSON.parse(bytes.toString()) as Manifest };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${init.method ?? "GET"} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
