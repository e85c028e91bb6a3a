// The WWW-Authenticate header: which schemes a server takes, with their parameters.

export interface Challenge {
  /** In lower case. */
  scheme: string;
  parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;

/** One header may hold several challenges, and there may be several headers joined by commas. What cannot be read ends the list. */
export function parseChallenges(header: string | undefined): Challenge[] {
  const found: Challenge[] = [];
  const text = header ?? "";
  let at = 0;
  const skip = (pattern: RegExp): void => {
    while (at < text.length && pattern.test(text[at] ?? "")) at++;
  };
  const token = (): string | undefined => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text)?.[0];
    at += match?.length ?? 0;
    return match;
  };
  let current: { scheme: string; parameters: Record<string, string> } | undefined;
  for (;;) {
    skip(/[\s,]/);
    const word = token();
    if (word === undefined) return found;
    skip(/\s/);
    if (text[at] === "=" && current !== undefined) {
      at++;
      skip(/\s/);
      const value = text[at] === '"' ? quoted() : token();
      if (value === undefined) return found;
      current.parameters[word.toLowerCase()] = value;
    } else {
      current = { scheme: word.toLowerCase(), parameters: {} };
      found.push(current);
    }
  }

  function quoted(): string | undefined {
    let value = "";
    for (at++; at < text.length; at++) {
      if (text[at] === '"') {
        at++;
        return value;
      }
      if (text[at] === "\\") at++;
      value += text[at] ?? "";
    }
    return undefined;
  }
}
