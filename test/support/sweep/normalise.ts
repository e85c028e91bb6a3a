// What differs from one run to the next, or between versions of Docker's client, or is only the program's own name, made the same.

const RULES: readonly (readonly [RegExp, string])[] = [
  [/\bberth\b/g, "docker"],
  [/\bBerth\b/g, "Docker"],
  [/\b[0-9a-f]{64}\b/g, "<id>"],
  [/\b[0-9a-f]{12}\b/g, "<short-id>"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| ?[+-]\d\d:?\d\d( UTC)?)?/g, "<time>"],
  [/(Less than a second|About a minute|\d+ (seconds?|minutes?))( ago)? */g, "<ago> "],
  [/\b(\d+\.\d+|\d+)(µs|ms)\b/g, "<duration>"],
  [/dial(ing)? unix [^:]*: connect/g, "dial unix: connect"],
  [/\/tmp\/docker-sweep-\w+/g, "<here>"],
  [/(STATUS|CREATED|RUNNING FOR|Created|Exited \(\d+\)) +/g, "$1 "],
  // a misprint of 28's clients
  [/^SRun '/gm, "Run '"],
  // 28.2 has not yet what 28.5 has
  [/"\|missing"/g, '"missing"'],
  // no list and an empty one
  [/"DeviceIDs":null,/g, ""],
  // berth's own options stand in a block of their own
  [/\nOptions beyond Docker:\n(?: .*\n)+/g, ""],
  // berth's builder and manifests are neither deprecated nor an experiment
  [/^DEPRECATED: The legacy builder is deprecated.*\n(?: .*\n)+\n?/gm, ""],
  [/\nEXPERIMENTAL:\n(?: .*\n)+/g, ""],
];

/** Members of Go maps come in any order. */
const UNORDERED: readonly RegExp[] = [/^docker (images|image ls)\b/];

export function normalise(line: string, text: string): string {
  let result = text;
  for (const [pattern, replacement] of RULES) result = result.replace(pattern, replacement);
  result = result.replace(/^( Runtimes: )(.*)$/gm, (_all, head: string, names: string) => head + names.split(" ").toSorted().join(" "));
  return UNORDERED.some((pattern) => pattern.test(line)) ? result.split("\n").toSorted().join("\n") : result;
}
