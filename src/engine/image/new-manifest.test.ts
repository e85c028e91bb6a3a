import { expect, test } from "bun:test";
import { type Descriptor, type Manifest, MEDIA } from "../../wire/oci.ts";
import { newManifest } from "./new-manifest.ts";

const of = (mediaType: string, digit: string): Descriptor => ({ mediaType, size: 7, digest: `sha256:${digit.repeat(64)}` });
const made = (configType: string, ...layerTypes: string[]): Manifest => {
  const { bytes, mediaType } = newManifest(of(configType, "c"), layerTypes.map((type, index) => of(type, String(index))));
  const manifest = JSON.parse(bytes.toString()) as Manifest;
  expect(manifest.mediaType).toBe(mediaType);
  return manifest;
};
const typesOf = ({ mediaType, config, layers }: Manifest): (string | undefined)[] => [mediaType, config.mediaType, ...layers.map((layer) => layer.mediaType)];

test("layers take the words of the config's family", () => {
  expect(typesOf(made(MEDIA.dockerConfig, MEDIA.dockerLayerGzip, MEDIA.ociLayerGzip, MEDIA.ociLayer))).toEqual([MEDIA.dockerManifest, MEDIA.dockerConfig, MEDIA.dockerLayerGzip, MEDIA.dockerLayerGzip, MEDIA.dockerLayer]);
  expect(typesOf(made(MEDIA.ociConfig, MEDIA.dockerLayerGzip, MEDIA.ociLayerZstd, MEDIA.dockerLayer))).toEqual([MEDIA.ociManifest, MEDIA.ociConfig, MEDIA.ociLayerGzip, MEDIA.ociLayerZstd, MEDIA.ociLayer]);
});

test("with a layer of zstd it is OCI's, whatever the config is", () => {
  expect(typesOf(made(MEDIA.dockerConfig, MEDIA.dockerLayerGzip, MEDIA.ociLayerZstd))).toEqual([MEDIA.ociManifest, MEDIA.ociConfig, MEDIA.ociLayerGzip, MEDIA.ociLayerZstd]);
});

test("byte for byte as Docker 28.5.2 writes it", () => {
  const { bytes } = newManifest(of(MEDIA.dockerConfig, "c"), [of(MEDIA.dockerLayerGzip, "a")]);
  expect(bytes.toString()).toBe(`{
   "schemaVersion": 2,
   "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
   "config": {
      "mediaType": "application/vnd.docker.container.image.v1+json",
      "size": 7,
      "digest": "sha256:${"c".repeat(64)}"
   },
   "layers": [
      {
         "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
         "size": 7,
         "digest": "sha256:${"a".repeat(64)}"
      }
   ]
}`);
});
