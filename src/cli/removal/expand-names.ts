// `rmi 'postgres:13-beta*'` and `rmi --all-tags REPO`: patterns and repositories → the names they mean now.
import type { Cli } from "../context.ts";
import { messageOf } from "../../base/errors.ts";
import { matchReferenceGlob } from "../../wire/glob.ts";
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

/** Names that match, or whose repository does. */
export function matching(images: readonly ImageSummary[], pattern: string): string[] {
  const found = images.flatMap((image) => image.RepoTags ?? []).filter((name) => !name.startsWith("<none>") && matches(pattern, name));
  if (found.length === 0) throw failure(`no image name matches ${JSON.stringify(pattern)}`);
  return found.toSorted();
}

function matches(pattern: string, name: string): boolean {
  try {
    return matchReferenceGlob(pattern, name);
  } catch (error) {
    throw failure(`invalid pattern ${JSON.stringify(pattern)}: ${messageOf(error)}`);
  }
}

function tagsOf(images: readonly ImageSummary[], name: string): string[] {
  const byRepository = images.flatMap((image) => image.RepoTags ?? []).filter((tag) => tag.slice(0, tag.lastIndexOf(":")) === name);
  if (byRepository.length > 0) return byRepository.toSorted();
  const image = imageOf(images, name);
  const names = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((tag) => !tag.startsWith("<none>"));
  return names.length > 0 ? names.toSorted() : [image.Id];
}

/** By a name of it, or the beginning of its ID if that is no other's too. */
function imageOf(images: readonly ImageSummary[], name: string): ImageSummary {
  const named = images.find((image) => image.RepoTags?.includes(name) || image.RepoDigests?.includes(name));
  const bare = name.replace(/^sha256:/, "");
  const found = named ? [named] : images.filter((image) => image.Id.replace(/^sha256:/, "").startsWith(bare));
  if (found.length > 1) throw failure(`several image IDs begin with ${JSON.stringify(name)}`);
  return found[0] ?? fail(`no image or repository is called ${JSON.stringify(name)}`);
}

function fail(message: string): never {
  throw failure(message);
}
