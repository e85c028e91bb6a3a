// The filters of containers, the same for listing and pruning: Docker's keys, and what it has no word for.
import { internal, invalid } from "../../base/errors.ts";
import type { ContainerRow, Reader } from "../../store/store.ts";
import { type Filters, parseUntil } from "../../wire/filters.ts";
import { resolveImage } from "../image/names.ts";
import { anyOf, booleanOf, compileFilter, labelTerm, matchesName, parseAgeMs, parseSizeBytes, type Term, type Terms } from "../object-filter.ts";
import { listedPorts } from "./list-ports.ts";
import { resolveContainer } from "./names.ts";

const STATES = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const HEALTH = ["none", "starting", "healthy", "unhealthy"];

export interface FilterFacts {
  nowMs: number;
  /** Of those that `larger-than` is to look at. */
  rwBytes(row: ContainerRow): number;
  /** A prune refuses an image that is not there; a list is empty then, as Docker's. */
  strict?: boolean;
}

/** `rows` newest first; those that pass, in their order. */
export function filterContainers(tx: Reader, rows: readonly ContainerRow[], filters: Filters, facts: FilterFacts): ContainerRow[] {
  const places = new Map(rows.map((row, index) => [row.id, index]));
  const placeOf = (name: string): number => places.get(resolveContainer(tx, name).id) ?? -1;
  const ports = portTerms(filters);
  return rows.filter(compileFilter(withoutPorts(filters), { ...termsOf(tx, places, placeOf, facts.strict ?? false), ...ownTerms(facts) })).filter(ports);
}

export function asksForSizes(filters: Filters): boolean {
  return filters.has("larger-than") || filters.has("larger-than!");
}

/** What `ps` of Docker does not know. */
function ownTerms({ nowMs, rwBytes }: FilterFacts): Terms<ContainerRow> {
  return {
    // creation, as Docker's prune: not the exit
    until: (values) => {
      if (values.length > 1) throw invalid("more than one until filter specified");
      const times = values.map((value) => parseUntil(value, nowMs));
      return (row) => times.every((time) => row.createdMs <= time);
    },
    "unused-for": (values, key) => {
      const ages = values.map((value) => parseAgeMs(value, key));
      return (row) => !row.state.Running && ages.every((age) => nowMs - lastActiveMs(row) >= age);
    },
    "larger-than": (values, key) => {
      const sizes = values.map((value) => parseSizeBytes(value, key));
      return (row) => sizes.every((size) => rwBytes(row) > size);
    },
    "in-use": (values, key) => {
      const wanted = booleanOf(values, key);
      return (row) => row.state.Running === wanted;
    },
  };
}

function lastActiveMs(row: ContainerRow): number {
  const times = [row.state.FinishedAt, row.state.StartedAt].map((text) => Date.parse(text));
  return Math.max(row.createdMs, ...times.filter((time) => !Number.isNaN(time)));
}

function termsOf(tx: Reader, places: ReadonlyMap<string, number>, placeOf: (name: string) => number, strict: boolean): Terms<ContainerRow> {
  const place = (row: ContainerRow): number => places.get(row.id) ?? -1;
  return {
    id: anyOf((value) => by(matchesName(value), (row) => [row.id])),
    name: anyOf((value) => by(matchesName(value), (row) => [row.name, `/${row.name}`])),
    label: labelTerm((row) => row.config.Labels ?? {}),
    status: oneOf("status", "state", STATES, (row) => row.state.Status),
    health: oneOf("health", "health", HEALTH, (row) => row.state.Health?.Status ?? "none"),
    exited: anyOf((value) => {
      if (!/^[+-]?\d+$/.test(value)) throw invalid(`invalid filter 'exited=${value}': strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
      return (row) => !row.state.Running && row.hasBeenStarted && row.state.ExitCode === Number(value);
    }),
    // those made before or after it; several narrow it down
    before: (values) => {
      const last = Math.max(...values.map(placeOf));
      return (row) => place(row) > last;
    },
    since: (values) => {
      const first = Math.min(...values.map(placeOf));
      return (row) => place(row) < first;
    },
    ancestor: (values) => {
      const images = new Set(values.flatMap((value) => [...descendants(tx, value, strict)]));
      return (row) => images.has(row.imageId);
    },
    volume: anyOf((value) => (row) => row.mounts.some((mount) => mount.Destination === value || (mount.Name ?? mount.Source) === value)),
    network: anyOf((value) => (row) => Object.entries(row.networks).some(([name, { NetworkID = "" }]) => name === value || (NetworkID !== "" && NetworkID.startsWith(value)))),
    "is-task": (values, key) => {
      const wanted = booleanOf(values, key);
      return () => !wanted;
    },
    isolation: () => () => true,
  };
}

function by(matches: (text: string) => boolean, of: (row: ContainerRow) => string[]): (row: ContainerRow) => boolean {
  return (row) => of(row).some(matches);
}

function oneOf(key: string, what: string, known: readonly string[], of: (row: ContainerRow) => string): Term<ContainerRow> {
  return anyOf((value) => {
    if (!known.includes(value)) throw invalid(`invalid filter '${key}=${value}': invalid value for ${what} (${value}): must be one of ${known.join(", ")}`);
    return (row) => of(row) === value;
  });
}

/** An image and those made from it. */
function descendants(tx: Reader, name: string, strict: boolean): ReadonlySet<string> {
  const ids = new Set<string>();
  const visit = (id: string): void => {
    if (ids.has(id)) return;
    ids.add(id);
    for (const child of tx.images.by("parent", id)) visit(child.id);
  };
  try {
    visit(resolveImage(tx, name).image.id);
  } catch (error) {
    // Docker shows an empty list
    if (strict) throw error;
  }
  return ids;
}

const PORT_KEYS = ["publish", "expose", "publish!", "expose!"];

function withoutPorts(filters: Filters): Filters {
  return new Map([...filters].filter(([key]) => !PORT_KEYS.includes(key)));
}

/** Published and exposed ports count together: one that matches is enough. */
function portTerms(filters: Filters): (row: ContainerRow) => boolean {
  const wanted = portTest(filters, "publish", "expose");
  const unwanted = portTest(filters, "publish!", "expose!");
  return (row) => (wanted?.(row) ?? true) && !(unwanted?.(row) ?? false);
}

function portTest(filters: Filters, ...keys: [publish: string, expose: string]): ((row: ContainerRow) => boolean) | undefined {
  const [published, exposed] = keys.map((key) => new Set((filters.get(key) ?? []).flatMap((value) => portsOf(key, value))));
  if (!keys.some((key) => (filters.get(key)?.length ?? 0) > 0)) return undefined;
  return (row) =>
    listedPorts(row).some(({ PublicPort, PrivatePort, Type }) => published?.has(`${PublicPort ?? 0}/${Type}`) === true || exposed?.has(`${PrivatePort}/${Type}`) === true);
}

function portsOf(key: string, value: string): string[] {
  if (value.includes(":")) throw internal(`filter for '${key}' should not contain ':': ${value}`);
  const [range = "", protocol = "tcp"] = value.split("/");
  const fail = (text: string): never => {
    throw internal(`error while looking up for ${key} ${value}: ${text}`);
  };
  if (range === "") return fail("empty string specified for ports.");
  const [first = "", last = first] = range.split("-");
  for (const part of [first, last]) if (!/^\d+$/.test(part)) return fail(`strconv.ParseUint: parsing ${JSON.stringify(part)}: invalid syntax`);
  if (Number(last) < Number(first)) return fail(`Invalid range specified for the Port: ${range}`);
  return Array.from({ length: Math.min(Number(last), 65535) - Number(first) + 1 }, (_, index) => `${Number(first) + index}/${protocol.toLowerCase()}`);
}
