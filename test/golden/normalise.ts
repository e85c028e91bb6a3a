// Takes out of an output what differs from run to run: ids, addresses and ports become numbered placeholders (the same
// one for the same value, all through a scenario), times and ages become words. Everything else stays as it was.

export interface Known {
  /** Text → what stands for it: directories, sockets, addresses of this run. */
  literals: ReadonlyMap<string, string>;
  /** Name of the client's program. */
  client: string;
}

const OLD_YEARS = "(?!(?:0001|19\\d\\d|20[01]\\d|202[0-4])-)";
const RFC3339 = new RegExp(`\\b${OLD_YEARS}\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)`, "g");
const GO_TIME = new RegExp(`\\b${OLD_YEARS}\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)? [+-]\\d{4} [A-Z]{3,4}`, "g");
const AGE = /\b(?:Less than a second|About a minute|About an hour|\d+ (?:second|minute|hour|day|week|month|year)s?)(?= ago\b|\b)/g;
const ID = /(?<![0-9a-zA-Z])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9a-zA-Z])/g;
const MAC = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g;
const ADDRESS = /\b(?:10|172|192)(?:\.\d{1,3}){3}\b/g;
const PORT = /(?<=:)(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|6[0-5]\d{3})\b/g;

export class Normaliser {
  private readonly ids: string[] = [];
  private readonly others = new Map<string, string>();

  constructor(private readonly known: Known) {}

  /** Lines of one output. */
  lines(text: string, sorted: boolean): string[] {
    let plain = text;
    for (const [literal, placeholder] of this.known.literals) plain = plain.replaceAll(literal, placeholder);
    if (this.known.client !== "docker") plain = plain.replace(new RegExp(`\\b${this.known.client}\\b`, "g"), "docker");
    const worded = plain.replace(RFC3339, "<time>").replace(GO_TIME, "<time>").replace(AGE, "<age>");
    const aligned = /<age>|<time>/.test(worded) || PORT.test(worded) || ADDRESS.test(worded) ? worded.replace(/ {3,}/g, "   ") : worded;
    PORT.lastIndex = ADDRESS.lastIndex = 0;
    const lines = aligned.split("\n");
    if (lines.at(-1) === "") lines.pop();
    else lines.push("<no end of line>");
    if (aligned === "") return [];
    const ordered = sorted ? lines.map((line) => ({ line, key: this.peek(line) })).toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ line }) => line) : lines;
    return ordered.map((line) => this.number(line));
  }

  private number(line: string): string {
    return line
      .replace(ID, (id) => this.place(id))
      .replace(MAC, (mac) => this.other("mac", mac))
      .replace(ADDRESS, (address) => this.other("ip", address))
      .replace(PORT, (port) => this.other("port", port));
  }

  /** As `number`, without making a number for what is new. */
  private peek(line: string): string {
    return line.replace(ID, (id) => (this.find(id) < 0 ? "<id>" : this.place(id))).replace(MAC, "<mac>").replace(ADDRESS, "<ip>").replace(PORT, "<port>");
  }

  private find(id: string): number {
    return this.ids.findIndex((each) => each.startsWith(id) || id.startsWith(each));
  }

  private place(id: string): string {
    let index = this.find(id);
    if (index < 0) index = this.ids.push(id) - 1;
    else if (id.length > (this.ids[index]?.length ?? 0)) this.ids[index] = id;
    return id.length === 64 ? `<ID${index + 1}>` : `<id${index + 1}>`;
  }

  private other(kind: string, value: string): string {
    const key = `${kind} ${value}`;
    let placeholder = this.others.get(key);
    if (placeholder === undefined) {
      const count = [...this.others.keys()].filter((each) => each.startsWith(`${kind} `)).length;
      this.others.set(key, (placeholder = `<${kind}${count + 1}>`));
    }
    return placeholder;
  }
}
