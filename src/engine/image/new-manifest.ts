// The manifest of an image that came with none, or whose layers are other blobs now.
import { type Descriptor, type Manifest, MEDIA } from "../../wire/oci.ts";

export interface NewManifest {
  bytes: Buffer;
  mediaType: string;
}

const AS_OCI: Readonly<Record<string, string>> = { [MEDIA.dockerLayerGzip]: MEDIA.ociLayerGzip, [MEDIA.dockerLayer]: MEDIA.ociLayer };
const AS_DOCKER: Readonly<Record<string, string>> = { [MEDIA.ociLayerGzip]: MEDIA.dockerLayerGzip, [MEDIA.ociLayer]: MEDIA.dockerLayer };

/** Of the config's family and written as Docker writes it; Docker's own has no word for zstd, then it is OCI's. */
export function newManifest(config: Descriptor, layers: readonly Descriptor[]): NewManifest {
  const isOci = config.mediaType === MEDIA.ociConfig || layers.some(({ mediaType }) => mediaType === MEDIA.ociLayerZstd);
  const types = isOci ? AS_OCI : AS_DOCKER;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: isOci ? MEDIA.ociManifest : MEDIA.dockerManifest,
    config: { ...config, mediaType: isOci ? MEDIA.ociConfig : MEDIA.dockerConfig },
    layers: layers.map((layer) => ({ ...layer, mediaType: types[layer.mediaType] ?? layer.mediaType })),
  };
  return { mediaType: manifest.mediaType ?? "", bytes: Buffer.from(JSON.stringify(manifest, null, 3)) };
}
