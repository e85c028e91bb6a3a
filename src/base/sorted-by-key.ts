/** A map in the order of its keys, as Go writes its maps. None is an empty one. */
export function sortedByKey<T>(map: Readonly<Record<string, T>> | null | undefined): Record<string, T> {
  return Object.fromEntries(Object.entries(map ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
