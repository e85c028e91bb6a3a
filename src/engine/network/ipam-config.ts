// Checks the IPAM part of a network request, in Docker's words.
import { invalid, notFound } from "../../base/errors.ts";
import { contains, formatSubnet, lastOf, parseIp, parseSubnet, type Subnet } from "../../linux/address.ts";

export interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string> | null;
}

export interface IpamRequest {
  Driver?: string;
  Options?: Record<string, string> | null;
  Config?: IpamConfig[] | null;
}

/** As in Go's joined errors: one stands alone, several get bullets. */
export function joinProblems(title: string, problems: readonly string[]): string {
  const lines = problems.length === 1 ? problems : problems.map((problem) => `* ${problem}`);
  return `${title}:\n${lines.join("\n")}`;
}

export function checkIpam(ipam: IpamRequest | null | undefined): void {
  const driver = ipam?.Driver ?? "";
  if (driver !== "" && driver !== "default") throw notFound(`plugin "${driver}" not found`);
  const problems = (ipam?.Config ?? []).flatMap((config) => problemsOf(config));
  if (problems.length > 0) throw invalid(joinProblems("invalid network config", problems));
}

function problemsOf(config: IpamConfig): string[] {
  const text = config.Subnet ?? "";
  const subnet = parseSubnet(text);
  if (subnet === undefined) return [`invalid subnet ${text}: invalid CIDR block notation`];
  if (!subnet.exact) return [`invalid subnet ${text}: it should be ${formatSubnet(subnet)}`];
  const problems = rangeProblems(config.IPRange ?? "", text, subnet);
  const inside = (what: string, address: string): string[] => {
    const ip = parseIp(address);
    if (ip === undefined) return [`invalid ${what}: invalid address`];
    return contains(subnet, ip) ? [] : [`invalid ${what}: parent subnet ${text} doesn't contain this address`];
  };
  if ((config.Gateway ?? "") !== "") problems.push(...inside(`gateway ${config.Gateway}`, config.Gateway ?? ""));
  for (const [name, address] of Object.entries(config.AuxiliaryAddresses ?? {})) problems.push(...inside(`auxiliary address ${name}`, address));
  return problems;
}

function rangeProblems(text: string, parentText: string, parent: Subnet): string[] {
  if (text === "") return [];
  const range = parseSubnet(text);
  if (range === undefined) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  if (!range.exact) return [`invalid ip-range ${text}: it should be ${formatSubnet(range)}`];
  const isInside = range.family === parent.family && range.base >= parent.base && lastOf(range) <= lastOf(parent);
  return isInside ? [] : [`invalid ip-range ${text}: parent subnet ${parentText} doesn't contain ip-range`];
}
