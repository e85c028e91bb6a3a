// Networks as bridges: address, firewall elements, and which addresses of them are taken.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forbidden, internal, messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { openScope } from "../base/scope.ts";
import { formatIp, formatSubnet, overlaps, type Subnet } from "../linux/address.ts";
import { applyRules, deleteLink, listChain } from "../linux/firewall.ts";
import { addNetwork, foreignHandles, passForeignChain, removeNetwork, removeTable, type RuleFamily, type RuleNetwork, skeleton, tableName } from "./firewall-rules.ts";
import { type AddressPool, createPool } from "./ipam.ts";
import { type Kernel, readSetting, writeSetting } from "./kernel.ts";
import type { NetworkOptions, NetworkSpec } from "./network.ts";

export interface BridgeState {
  spec: NetworkSpec;
  index: number;
  ipv4?: AddressPool;
  ipv6?: AddressPool;
  /** Addresses of attached containers. */
  taken: { 4: Set<bigint>; 6: Set<bigint> };
}

const FAMILIES: readonly RuleFamily[] = ["ip", "ip6"];
const FAMILY_NUMBER = { ip: 4, ip6: 6 } as const;

export class Bridges {
  readonly table: string;
  private readonly alias: string;
  private readonly states = new Map<string, BridgeState>();
  /** Tables that are there; one of IPv6 only once a network needs it. */
  private readonly tables = new Set<RuleFamily>();
  private readonly families: readonly RuleFamily[];
  /** Bridges let through a foreign chain that drops. */
  private readonly passed = new Set<string>();
  /** Changes of the rules, one after the other. */
  private rules: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: NetworkOptions,
    private readonly kernel: Kernel,
    private readonly log: Log,
  ) {
    this.table = tableName(options.bridge);
    this.alias = `berth ${createHash("sha256").update(options.bridge).digest("hex").slice(0, 12)}`;
    this.families = readSetting("net/ipv6/conf/all/disable_ipv6") === undefined ? ["ip"] : FAMILIES;
  }

  get(networkId: string): BridgeState {
    const state = this.states.get(networkId);
    if (state === undefined) throw internal(`network ${networkId} is not set up`);
    return state;
  }

  list(): BridgeState[] {
    return [...this.states.values()];
  }

  /** Makes or repairs. */
  async create(spec: NetworkSpec): Promise<void> {
    this.checkConflicts(spec);
    const known = this.states.get(spec.id);
    const state = known === undefined ? createState(spec) : { ...createState(spec), taken: known.taken };
    // from now on its subnets and bridge count as in use
    this.states.set(spec.id, state);
    await using scope = openScope(this.log);
    scope.defer("forget network", () => (known === undefined ? this.states.delete(spec.id) : this.states.set(spec.id, known)));
    const { created } = this.raise(state);
    if (created) scope.defer("remove bridge", () => deleteLink(spec.bridge));
    await this.change(() => this.rulesFor([state]));
    scope.keep();
  }

  async remove(spec: NetworkSpec): Promise<void> {
    const state = this.states.get(spec.id) ?? createState(spec);
    const isKnown = this.states.delete(spec.id);
    try {
      await this.change(async () => {
        const own = isKnown ? this.familiesOf(state).map((family) => removeNetwork(family, this.table, ruleNetwork(state, family))) : [];
        return (await this.foreignRemovals(spec.bridge)) + own.join("");
      });
    } catch (error) {
      // gone by another's hand; the bridge still has to go
      this.log.warn("firewall rules of a network were not removed", { network: spec.name, error: messageOf(error) });
    }
    if (this.isOurs(spec.bridge)) await deleteLink(spec.bridge);
  }

  /** Everything anew, in one transaction of the firewall: what an earlier daemon left is replaced. */
  async recover(specs: readonly NetworkSpec[]): Promise<void> {
    this.states.clear();
    for (const spec of specs) this.states.set(spec.id, createState(spec));
    for (const link of this.kernel.links.list()) {
      if (link.alias === this.alias && !specs.some((spec) => spec.bridge === link.name)) await this.discard(link.name);
    }
    for (const state of this.list()) {
      try {
        this.raise(state);
      } catch (error) {
        this.log.error("network cannot be set up", { network: state.spec.name, error: messageOf(error) });
        this.states.delete(state.spec.id);
      }
    }
    this.tables.clear();
    await this.change(async () => {
      // a table of a family that no network needs any more
      const stale = this.families.filter((family) => this.kernel.nftables.hasTable(family, this.table) && !this.list().some((state) => this.familiesOf(state).includes(family)));
      return stale.map((family) => removeTable(family, this.table)).join("") + (await this.rulesFor(this.list()));
    });
  }

  /** Another engine or ufw may have begun to drop forwarded packets since the network was made. */
  async ensurePassage(state: BridgeState): Promise<void> {
    const isDropping = this.familiesOf(state).some((family) => this.kernel.nftables.policy(family, "filter", "FORWARD") === "drop");
    if (isDropping && !this.passed.has(state.spec.bridge)) await this.change(() => this.foreignAdditions([state.spec.bridge]));
  }

  /** Subnets that a new network must not touch: of our networks, and what the host routes elsewhere. */
  inUse(): Subnet[] {
    const own = this.list().flatMap((state) => poolsOf(state).map((pool) => pool.subnet));
    return [...own, ...this.kernel.links.routes()];
  }

  /** Names of interfaces at our bridges. */
  ports(): string[] {
    const indexes = new Set(this.list().map((state) => state.index));
    return this.kernel.links.list().flatMap((link) => (link.master !== undefined && indexes.has(link.master) ? [link.name] : []));
  }

  /** Takes away bridges that are not in `used`; without any left, the tables as well. */
  async close(used: ReadonlySet<string>): Promise<void> {
    await this.rules.catch(() => undefined);
    const idle = this.list().filter((state) => !used.has(state.spec.id));
    let text = "";
    for (const { spec } of idle) text += await this.foreignRemovals(spec.bridge);
    if (used.size === 0) for (const family of this.tables) text += removeTable(family, this.table);
    await applyRules(text);
    for (const { spec } of idle) if (this.isOurs(spec.bridge)) await deleteLink(spec.bridge);
  }

  private checkConflicts(spec: NetworkSpec): void {
    for (const other of this.list()) {
      if (other.spec.id === spec.id) continue;
      if (other.spec.bridge === spec.bridge) {
        throw forbidden(`cannot create network ${spec.id} (${spec.bridge}): conflicts with network ${other.spec.id} (${other.spec.bridge}): networks have same bridge name`);
      }
      const mine = poolsOf(createState(spec)).map((pool) => pool.subnet);
      if (poolsOf(other).some((pool) => mine.some((subnet) => overlaps(subnet, pool.subnet)))) throw forbidden("invalid pool request: Pool overlaps with other one on this address space");
    }
  }

  private raise(state: BridgeState): { created: boolean } {
    const { spec } = state;
    const mac = `02:42:${[...randomBytes(4)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
    const { index, created } = this.kernel.links.ensureBridge(spec.bridge, mac, spec.mtu, this.alias);
    state.index = index;
    const wanted = poolsOf(state).map((pool) => ({ ip: { family: pool.subnet.family, value: pool.gateway }, prefix: pool.subnet.prefix }));
    if (!created && this.isOurs(spec.bridge)) {
      for (const { ip, prefix } of this.kernel.links.addresses(index)) {
        if (ip.family === 4 && !wanted.some((each) => each.ip.value === ip.value && each.prefix === prefix)) this.kernel.links.removeAddress(index, ip, prefix);
      }
    }
    if (spec.enableIPv6) writeSetting(`net/ipv6/conf/${spec.bridge}/disable_ipv6`, "0");
    for (const { ip, prefix } of wanted) this.kernel.links.addAddress(index, ip, prefix);
    // published ports are reached from the host's own loopback address too; spoofing it is refused by the rules
    if (!spec.internal) writeSetting(`net/ipv4/conf/${spec.bridge}/route_localnet`, "1");
    return { created };
  }

  /** `text` is asked for once earlier changes are done. */
  private change(text: () => Promise<string>): Promise<void> {
    const done = this.rules.then(async () => applyRules(await text()));
    this.rules = done.catch(() => {
      for (const family of this.tables) if (!this.kernel.nftables.hasTable(family, this.table)) this.tables.delete(family);
    });
    return done;
  }

  private familiesOf(state: BridgeState): RuleFamily[] {
    return this.families.filter((family) => family === "ip" || state.spec.enableIPv6);
  }

  /** Elements of these networks, and before them the tables that are missing. */
  private async rulesFor(states: readonly BridgeState[]): Promise<string> {
    let text = "";
    for (const state of states) {
      for (const family of this.familiesOf(state)) {
        if (!this.tables.has(family)) text += this.newTable(family);
        text += addNetwork(family, this.table, ruleNetwork(state, family));
      }
    }
    return text + (await this.foreignAdditions(states.map((state) => state.spec.bridge)));
  }

  private newTable(family: RuleFamily): string {
    this.tables.add(family);
    const stale = this.kernel.nftables.hasTable(family, this.table) ? removeTable(family, this.table) : "";
    return stale + skeleton(family, this.table, this.enableForwarding(family));
  }

  /** A host that was no router must not become one for others: then its table is closed. */
  private enableForwarding(family: RuleFamily): boolean {
    const setting = family === "ip" ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding";
    const marker = join(this.options.runRoot, `${family}-forward-was-off`);
    if (readSetting(setting) === "0") {
      writeFileSync(marker, "");
      writeSetting(setting, "1");
    }
    return existsSync(marker);
  }

  private async foreignAdditions(bridges: readonly string[]): Promise<string> {
    let text = "";
    for (const family of this.families) {
      if (this.kernel.nftables.policy(family, "filter", "FORWARD") !== "drop") continue;
      const listing = await listChain(family, "filter", "FORWARD");
      for (const bridge of bridges) {
        this.passed.add(bridge);
        if (foreignHandles(listing, bridge).length === 0) text += passForeignChain(family, bridge);
      }
    }
    return text;
  }

  private async foreignRemovals(bridge: string): Promise<string> {
    let text = "";
    this.passed.delete(bridge);
    for (const family of this.families) {
      if (this.kernel.nftables.policy(family, "filter", "FORWARD") === undefined) continue;
      const handles = foreignHandles(await listChain(family, "filter", "FORWARD"), bridge);
      for (const handle of handles) text += `delete rule ${family} filter FORWARD handle ${handle}\n`;
    }
    return text;
  }

  private isOurs(bridge: string): boolean {
    return this.kernel.links.find(bridge)?.alias === this.alias;
  }

  private async discard(bridge: string): Promise<void> {
    this.log.info("removing a bridge that no network has", { bridge });
    await applyRules(await this.foreignRemovals(bridge));
    await deleteLink(bridge);
  }
}

function createState(spec: NetworkSpec): BridgeState {
  const pools = spec.subnets.map((subnet) => createPool(subnet));
  const ipv4 = pools.find((pool) => pool.subnet.family === 4);
  const ipv6 = pools.find((pool) => pool.subnet.family === 6);
  return { spec, index: 0, taken: { 4: new Set(), 6: new Set() }, ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

export function poolsOf(state: BridgeState): AddressPool[] {
  return [state.ipv4, state.ipv6].filter((pool) => pool !== undefined);
}

/** Text of a gateway, or "" on networks that lead nowhere. */
export function gatewayOf(state: BridgeState, pool: AddressPool): string {
  return state.spec.internal ? "" : formatIp(pool.subnet.family, pool.gateway);
}

function ruleNetwork(state: BridgeState, family: RuleFamily): RuleNetwork {
  const subnets = poolsOf(state).flatMap((pool) => (pool.subnet.family === FAMILY_NUMBER[family] ? [formatSubnet(pool.subnet)] : []));
  return { bridge: state.spec.bridge, internal: state.spec.internal, masquerade: state.spec.masquerade, subnets };
}
