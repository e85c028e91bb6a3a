// Lines of `images`: one per name of an image. Also the images of `system df -v`.
import type { Listing } from "../../format.ts";
import { shortId } from "../../short-id.ts";
import { Row } from "../../template/value.ts";
import { ageOf, goTime } from "../../time-text.ts";
import { humanSize } from "../../units.ts";

export interface ImageSummary {
  Id: string;
  ParentId?: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Created: number;
  Size: number;
  SharedSize: number;
  Containers: number;
  Labels?: Record<string, string> | null;
}

/** What lists know beyond Docker's summary. */
export interface ImageExtra {
  usedBy(imageId: string): string;
  lastUsed(imageId: string): string;
}

const HEADERS = {
  ID: "IMAGE ID", Repository: "REPOSITORY", Tag: "TAG", Digest: "DIGEST", CreatedSince: "CREATED", CreatedAt: "CREATED AT", Size: "SIZE",
  Containers: "CONTAINERS", VirtualSize: "SIZE", SharedSize: "SHARED SIZE", UniqueSize: "UNIQUE SIZE", UsedBy: "USED BY", LastUsed: "LAST USED",
};

export function imageListing(digests: boolean, columns: readonly string[] = []): Listing {
  const extra = columns.map((field) => `\t{{.${field}}}`).join("");
  return {
    headers: HEADERS,
    table: `{{.Repository}}\t{{.Tag}}\t${digests ? "{{.Digest}}\t" : ""}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}${extra}`,
    raw: `repository: {{.Repository}}\ntag: {{.Tag}}\n${digests ? "digest: {{.Digest}}\n" : ""}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
    quiet: "{{.ID}}",
  };
}

export interface ImageName {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const NONE = "<none>";

/** The names of an image, sorted; with digests one line per tag and digest of a repository. */
export function namesOfImage(image: ImageSummary, digests: boolean): ImageName[] {
  const tags = groupNames(image.RepoTags ?? [], ":");
  const byDigest = groupNames(image.RepoDigests ?? [], "@");
  const names: ImageName[] = [];
  for (const [repository, repositoryTags] of tags) {
    const known = digests ? (byDigest.get(repository) ?? []) : [];
    for (const tag of repositoryTags) for (const digest of known.length > 0 ? known : [NONE]) names.push({ repository, tag, digest });
  }
  for (const [repository, known] of byDigest) {
    if (tags.has(repository)) continue;
    if (digests) names.push(...known.map((digest) => ({ repository, tag: NONE, digest })));
    else names.push({ repository, tag: NONE, digest: "" });
  }
  return names.length > 0 ? names : [{ repository: NONE, tag: NONE, digest: NONE }];
}

function groupNames(names: readonly string[], separator: ":" | "@"): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of [...names].toSorted()) {
    if (name.startsWith(NONE)) continue;
    const cut = separator === "@" ? name.indexOf("@") : name.lastIndexOf(":");
    const repository = name.slice(0, cut);
    groups.set(repository, [...(groups.get(repository) ?? []), name.slice(cut + 1)]);
  }
  return groups;
}

export function imageRow(image: ImageSummary, name: ImageName, truncate: boolean, extra?: ImageExtra): Row {
  const fields: Record<string, () => unknown> = {
    ID: () => (truncate ? shortId(image.Id) : image.Id),
    Repository: () => name.repository,
    Tag: () => name.tag,
    Digest: () => name.digest,
    CreatedSince: () => (image.Created > 0 ? ageOf(image.Created) : "N/A"),
    CreatedAt: () => goTime(new Date(image.Created * 1000)),
    Size: () => humanSize(image.Size, 3),
    Containers: () => known(image.Containers, () => String(image.Containers)),
    VirtualSize: () => humanSize(image.Size),
    SharedSize: () => known(image.SharedSize, () => humanSize(image.SharedSize)),
    UniqueSize: () => known(image.SharedSize, () => humanSize(image.Size - image.SharedSize)),
  };
  if (extra) Object.assign(fields, { UsedBy: () => extra.usedBy(image.Id), LastUsed: () => extra.lastUsed(image.Id) });
  return new Row("*formatter.imageContext", fields, { Label: (key) => image.Labels?.[key] ?? "" });
}

const known = (sizeBytes: number, text: () => string) => (sizeBytes < 0 ? "N/A" : text());
