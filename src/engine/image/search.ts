// GET /images/search: what a registry offers under a term, filtered here.
import { invalid } from "../../base/errors.ts";
import type { AuthConfig, SearchResult } from "../../registry/registry.ts";
import { checkFilterKeys, filterBool, type Filters } from "../../wire/filters.ts";
import type { Engine } from "../engine.ts";

export interface SearchRequest {
  term: string;
  limit: number;
  filters: Filters;
  auth: AuthConfig | undefined;
}

export async function searchImages({ registry }: Pick<Engine, "registry">, { term, limit, filters, auth }: SearchRequest): Promise<SearchResult[]> {
  checkFilterKeys(filters, ["is-automated", "is-official", "stars"]);
  // nothing is, any more
  if (filterBool(filters, "is-automated") === true) return [];
  const isOfficial = filterBool(filters, "is-official");
  const stars = Math.max(0, ...(filters.get("stars") ?? []).map(parseStars));
  const found = await registry.search(term, limit, auth);
  return found.filter((result) => (isOfficial === undefined || result.is_official === isOfficial) && result.star_count >= stars);
}

function parseStars(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`invalid filter 'stars=${text}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
