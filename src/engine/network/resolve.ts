// Networks are found by full id, then by name, then by a prefix of the id.
import { invalid, notFound } from "../../base/errors.ts";
import type { NetworkRow, Reader } from "../../store/store.ts";

export function findNetwork(tx: Pick<Reader, "networks">, name: string): NetworkRow | undefined {
  const exact = tx.networks.find(name) ?? tx.networks.by("name", name)[0];
  if (exact !== undefined || name === "") return exact;
  const ids = tx.networks.idsWithPrefix(name, 2);
  if (ids.length > 1) throw invalid(`network ${name} is ambiguous (${ids.length} matches found based on ID prefix)`);
  return ids[0] === undefined ? undefined : tx.networks.find(ids[0]);
}

export function resolveNetwork(tx: Pick<Reader, "networks">, name: string): NetworkRow {
  const row = findNetwork(tx, name);
  if (row === undefined) throw notFound(`network ${name} not found`, { network: name });
  return row;
}
