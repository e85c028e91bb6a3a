// What differs from one run to the next, or is only the program's own name, made the same.

const RULES: readonly (readonly [RegExp, string])[] = [
  [/\bberth\b/g, "docker"],
  [/\bBerth\b/g, "Docker"],
  [/\b[0-9a-f]{64}\b/g, "<id>"],
  [/\b[0-9a-f]{12}\b/g, "<short-id>"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| ?[+-]\d\d:?\d\d( UTC)?)?/g, "<time>"],
  [/(Less than a second|About a minute|\d+ (seconds?|minutes?))( ago)? */g, "<ago> "],
  [/\b(\d+\.\d+|\d+)(µs|ms)\b/g, "<duration>"],
  [/dial(ing)? unix [^:]*: connect/g, "dial unix: connect"],
];

export function normalise(text: string): string {
  let result = text;
  for (const [pattern, replacement] of RULES) result = result.replace(pattern, replacement);
  return result;
}
