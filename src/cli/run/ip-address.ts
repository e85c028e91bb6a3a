// Recognises IP addresses (node:net has this, but loading it takes milliseconds).

/** 4, 6 or 0 for neither. */
export function isIP(text: string): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

function isIPv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIPv6(text: string): boolean {
  const bare = text.replace(/%.+$/, "");
  if (!bare.includes(":")) return false;
  const halves = bare.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const tail = groups.at(-1) ?? "";
  const embedded = tail.includes(".") ? (isIPv4(tail) ? 1 : -1) : 0;
  if (embedded < 0) return false;
  const plain = embedded ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return false;
  const size = plain.length + embedded * 2;
  return halves.length === 2 ? size < 8 : size === 8;
}
