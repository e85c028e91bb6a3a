// --cap-add and --cap-drop → the lists the daemon keeps: full names, each once, sorted; what is added is not dropped.

export function capabilitiesOf(add: readonly string[], drop: readonly string[]): { CapAdd: string[] | null; CapDrop: string[] | null } {
  const added = new Set(add.map(fullName));
  if (added.has("RESET")) return { CapAdd: null, CapDrop: null };
  const dropped = new Set(drop.map(fullName));
  for (const name of added) if (name !== "ALL") dropped.delete(name);
  return { CapAdd: listOf(added), CapDrop: listOf(dropped) };
}

function listOf(names: ReadonlySet<string>): string[] | null {
  return names.size > 0 ? [...names].toSorted() : null;
}

function fullName(name: string): string {
  const upper = name.trim().toUpperCase();
  return upper === "ALL" || upper === "RESET" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}
