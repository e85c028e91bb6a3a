// `--filter key=value` → the API's `filters` parameter, in the map form that every daemon understands.
export type FilterMap = Record<string, Record<string, true>>;

export function filterMap(filters: readonly string[]): FilterMap {
  const map: FilterMap = {};
  for (const filter of filters) {
    if (filter === "") continue;
    const equals = filter.indexOf("=");
    addFilter(map, filter.slice(0, equals).trim().toLowerCase(), filter.slice(equals + 1).trim());
  }
  return map;
}

export function addFilter(map: FilterMap, key: string, value: string): void {
  (map[key] ??= {})[value] = true;
}

/** The query parameter's value; undefined for no filters. */
export function filterQuery(filters: readonly string[] | FilterMap): string | undefined {
  const map = Array.isArray(filters) ? filterMap(filters as readonly string[]) : (filters as FilterMap);
  return Object.keys(map).length === 0 ? undefined : JSON.stringify(map);
}
