// `rmi 'postgres:13-beta*'` and `rmi --all-tags REPO`: patterns and repositories → the names they mean now.
import type { Cli } from "../context.ts";
import { failure } from "../failure.ts";
import type { ImageSummary } from "../commands/image/image-row.ts";

export async function expandNames(cli: Cli, names: readonly string[], allTags: boolean): Promise<readonly string[]> {
  if (!allTags && !names.some(isPattern)) return names;
  const images = await cli.client().json<ImageSummary[]>("GET", "/images/json", { query: { all: true } });
  const expanded = names.flatMap((name) => (isPattern(name) ? matching(images, name) : allTags ? tagsOf(images, name) : [name]));
  return [...new Set(expanded)];
}

function isPattern(name: string): boolean {
  return /[*?[]/.test(name);
}

/** Names that match; without a tag in the pattern every tag counts. */
export function matching(images: readonly ImageSummary[], pattern: string): string[] {
  const hasTag = pattern.lastIndexOf(":") > pattern.lastIndexOf("/");
  const wanted = globExpression(hasTag ? pattern : `${pattern}:*`);
  const found = images.flatMap((image) => image.RepoTags ?? []).filter((name) => wanted.test(name));
  if (found.length === 0) throw failure(`no image name matches ${JSON.stringify(pattern)}`);
  return found.toSorted();
}

function tagsOf(images: readonly ImageSummary[], name: string): string[] {
  const byRepository = images.flatMap((image) => image.RepoTags ?? []).filter((tag) => tag.slice(0, tag.lastIndexOf(":")) === name);
  if (byRepository.length > 0) return byRepository.toSorted();
  const bare = name.replace(/^sha256:/, "");
  const image = images.find((candidate) => candidate.Id.replace(/^sha256:/, "").startsWith(bare) || (candidate.RepoTags ?? []).includes(name));
  if (!image) throw failure(`no image or repository is called ${JSON.stringify(name)}`);
  const names = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((tag) => !tag.startsWith("<none>"));
  return names.length > 0 ? names.toSorted() : [image.Id];
}

/** Go's path.Match: `*` and `?` do not cross a slash. */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\[(\^?)((?:\\.|[^\]])*)\]|\*|\?|\\(.)|[.+^${}()|\\/]/g, (all, negated?: string, set?: string, escaped?: string) => {
    if (all === "*") return "[^/]*";
    if (all === "?") return "[^/]";
    if (set !== undefined) return `[${negated === "^" ? "^" : ""}${set}]`;
    return `\\${escaped ?? all}`;
  });
  return new RegExp(`^${source}$`);
}
