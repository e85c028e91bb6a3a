// What Docker's command line has no word for, as a person types it: dry runs, plans, why, graph, patterns, orders, filters,
// free, and estimates where the daemon is not ours.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { treeBytes } from "../../src/engine/removal/testing/disk.ts";
import { archiveImage, docker25 } from "../support/archives.ts";
import { writeBaseImage } from "../support/base-image.ts";
import { berthCommand, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type ClientResult, runClient } from "../support/docker-cli.ts";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";
import { tarOf } from "../support/tar-text.ts";

const DEADLINE_MS = 120_000;

interface Plan {
  objects: { kind: string; name: string; freesBytes: number }[];
  kept: { kind: string; name: string; reason: string; blockers: { kind: string; name: string; state?: string }[]; suggestion?: string }[];
  freesBytes: number;
  token: string;
  estimated?: boolean;
}

describe.skipIf(!isRoot)("beyond Docker", () => {
  let daemon: TestDaemon;
  let base: Uint8Array;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "berth-base-"));
    writeBaseImage(directory, join(directory, "base.tar"));
    base = readFileSync(join(directory, "base.tar"));
    rmSync(directory, { recursive: true, force: true });
    daemon = await startDaemon();
  }, DEADLINE_MS);
  afterAll(() => daemon?.remove(), DEADLINE_MS);

  /** web:1 (two containers, one runs), api:1 and api:2 of one image, old:1 that nothing uses, one volume, one network. */
  beforeEach(async () => {
    await clear();
    await ok(["import", "-c", 'CMD ["sleep","1000"]', "-c", "LABEL keep=1", "-", "web:1"], base);
    await call("POST", "/images/load", docker25([archiveImage([LAYER.shared, LAYER.api], ["api:1", "api:2"]), archiveImage([LAYER.shared, LAYER.old], ["old:1"])]));
    await call("POST", "/containers/create?name=idle", { Image: "web:1", HostConfig: { NetworkMode: "none" } });
    await call("POST", "/containers/create?name=busy", { Image: "web:1", HostConfig: { NetworkMode: "none", Binds: ["data:/data"] } });
    await call("POST", "/containers/busy/start");
    await call("POST", "/networks/create", { Name: "net" });
  }, DEADLINE_MS);

  const LAYER = { shared: tarOf([{ name: "shared", content: "s".repeat(20_000) }]), api: tarOf([{ name: "api", content: "a".repeat(5000) }]), old: tarOf([{ name: "old", content: "o".repeat(9000) }]) };
  const berth = (args: readonly string[], stdin?: Uint8Array | string, env: Record<string, string> = {}): Promise<ClientResult> => runClient(berthCommand(), ["-H", daemon.host, ...args], { env, ...(stdin === undefined ? {} : { stdin }) });
  const ok = async (args: readonly string[], stdin?: Uint8Array | string, env: Record<string, string> = {}): Promise<string> => {
    const result = await berth(args, stdin, env);
    if (result.exitCode !== 0) throw new Error(`berth ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  };
  const lines = async (...args: string[]): Promise<string[]> => (await ok(args)).split("\n").filter((line) => line !== "");
  const plan = async (...args: string[]): Promise<Plan> => JSON.parse((await berth([...args, "--format", "json"])).stdout) as Plan;
  const names = (objects: readonly { kind: string; name: string }[]): string[] => objects.map(({ kind, name }) => (kind === "image" ? "image" : `${kind} ${name}`));

  async function call(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await daemon.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  }

  async function clear(): Promise<void> {
    for (const { Id } of (await daemon.call("GET", "/containers/json?all=1")).json() as { Id: string }[]) await call("DELETE", `/containers/${Id}?force=1`);
    await call("POST", '/images/prune?filters={"dangling":["false"]}');
    await call("POST", '/volumes/prune?filters={"all":["1"]}');
    await call("POST", "/networks/prune");
  }

  async function everything(): Promise<string[]> {
    const list = await Promise.all([lines("ps", "-a", "--format", "{{.Names}} {{.State}}"), lines("images", "-a", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"), lines("volume", "ls", "-q"), lines("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}")]);
    return list.flat().toSorted();
  }

  const bytesOnDisk = (): number =>
    ["layers", "rw", "containers", "blobs/sha256", "volumes", "trash"].flatMap((directory) => readdirSync(join(daemon.dataRoot, directory)).map((name) => treeBytes(join(daemon.dataRoot, directory, name)))).reduce((sum, bytes) => sum + bytes, 0);

  test("dry runs tell what the removal would, and remove nothing", async () => {
    const before = await everything();
    const image = names((await plan("rmi", "--dry-run", "api:1", "api:2")).objects);
    expect(image).toEqual(["tag api:1", "tag api:2", "image"]);
    expect(names((await plan("rm", "--dry-run", "idle")).objects)).toEqual(["container idle"]);
    expect(names((await plan("rm", "--dry-run", "-f", "busy")).objects)).toEqual(["container busy"]);
    await call("POST", "/containers/create?name=more", { Image: "web:1", Volumes: { "/anonymous": {} } });
    expect(names((await plan("rm", "--dry-run", "-v", "more")).objects)).toEqual(["container more", expect.stringMatching(/^volume [0-9a-f]{64}$/)]);
    await ok(["apply", (await plan("plan", "rm", "more")).token]);
    expect(names((await plan("container", "prune", "--dry-run")).objects)).toEqual(["container idle"]);
    await ok(["volume", "prune", "-f"]);
    expect(names((await plan("image", "prune", "--dry-run")).objects)).toEqual([]);
    expect(names((await plan("image", "prune", "-a", "--dry-run")).objects).toSorted()).toEqual(["image", "image", "tag api:1", "tag api:2", "tag old:1"]);
    expect(names((await plan("volume", "prune", "-a", "--dry-run")).kept)).toEqual(["volume data"]);
    expect(names((await plan("network", "prune", "--dry-run")).objects)).toEqual(["network net"]);
    expect(names((await plan("system", "prune", "--dry-run", "-a")).objects).slice(0, 2)).toEqual(["container idle", "network net"]);
    expect(names((await plan("builder", "prune", "--dry-run")).objects)).toEqual([]);
    const table = await berth(["rm", "--dry-run", "idle", "busy"]);
    expect(table).toMatchObject({ exitCode: 1, stderr: "" });
    expect(table.stdout).toMatch(/^KIND +ID +NAME +FREES +REASON\ncontainer +[0-9a-f]{12} +idle +[\d.]+kB +asked for\n\nWould stay:\n {2}container busy: container is running\n {4}berth rm -f busy\n\nWould free: [\d.]+kB\nTo do exactly this: berth apply [0-9a-f]{24}\n$/);
    expect(await everything()).toEqual(before);
  }, DEADLINE_MS);

  test("what a plan says comes back on the disk, to the byte", async () => {
    await ok(["exec", "busy", "sh", "-c", "head -c 30000 /dev/zero > /file; head -c 50000 /dev/zero > /data/file"]);
    await ok(["stop", "-t", "0", "busy"]);
    await ok(["container", "prune", "-f", "--filter", "name=idle"]);
    const { freesBytes, token } = await plan("plan", "prune", "system", "-a", "--volumes");
    const before = bytesOnDisk();
    expect(await ok(["apply", token])).toEndWith(`Total reclaimed space: ${(freesBytes / 1e6).toPrecision(4)}MB\n`);
    await poll("the trash is empty", () => readdirSync(join(daemon.dataRoot, "trash")).length === 0);
    expect(before - bytesOnDisk()).toBe(freesBytes);
    // the volume has a name and was not asked for
    expect(await everything()).toEqual(["data"]);
  }, DEADLINE_MS);

  test("apply does exactly what was shown, once, or says what changed and does nothing", async () => {
    const { token } = await plan("plan", "rmi", "old:1");
    expect((await ok(["apply", token])).split("\n").map((line) => line.split(":")[0])).toEqual(["Untagged", "Deleted", "Total reclaimed space", ""]);
    expect(await berth(["apply", token])).toMatchObject({ exitCode: 1, stderr: `Error response from daemon: No such plan: ${token}\n` });

    const several = await plan("plan", "rm", "-f", "idle", "busy");
    const stale = await plan("plan", "rm", "idle");
    const renamed = await plan("plan", "rmi", "api:1", "api:2");
    await ok(["start", "idle"]);
    await ok(["tag", "web:1", "api:2"]);
    const before = await everything();
    expect(await berth(["apply", stale.token])).toMatchObject({ exitCode: 1, stderr: "Error response from daemon: the plan is out of date: container idle: is running now\n" });
    expect((await berth(["apply", renamed.token])).stderr).toContain("tag api:2: names another image now");
    expect(await everything()).toEqual(before);
    const answer = await daemon.call("POST", `/berth/v1/plan/${(await plan("plan", "rmi", "api:1")).token}/apply`);
    expect(answer.status).toBe(200);
    // -f was part of it
    expect((await ok(["apply", several.token])).split("\n").slice(0, 2)).toEqual(["Deleted container: idle", "Deleted container: busy"]);
  }, DEADLINE_MS);

  test("a refusal names everything that is in the way, and its advice works", async () => {
    const answer = await daemon.call("DELETE", "/images/web:1");
    const body = answer.json() as { message: string; blockers: { kind: string; name: string; state: string }[]; suggestion: string };
    expect(answer.status).toBe(409);
    expect(body.message).toMatch(/^conflict: unable to remove repository reference "web:1" \(must force\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}$/);
    expect(body.blockers.map(({ kind, name, state }) => `${kind} ${name} ${state}`)).toEqual(["container busy running", "container idle created"]);
    const told = await berth(["rmi", "web:1"]);
    expect(told.stderr).toMatch(/\nIn the way:\n {2}container busy \([0-9a-f]{12}\), running, made from it\n {2}container idle \([0-9a-f]{12}\), created, made from it\nHint: berth rm -f busy idle && berth rmi web:1\n$/);
    for (const step of body.suggestion.split(" && ")) await ok(step.split(" ").slice(1));
    expect(await lines("images", "-q", "web")).toEqual([]);
  }, DEADLINE_MS);

  test("so do refusals of containers, volumes and networks", async () => {
    await call("POST", "/containers/create?name=more", { Image: "web:1", HostConfig: { NetworkMode: "net" } });
    await call("POST", "/containers/more/start");
    const cases = [["/networks/net", 403, ["more running"]], ["/volumes/data", 409, ["busy running"]], ["/containers/more", 409, []]] as const;
    for (const [path, status, blockers] of cases) {
      const answer = await daemon.call("DELETE", path);
      const { blockers: told = [], suggestion = "" } = answer.json() as { blockers?: { name: string; state: string }[]; suggestion?: string };
      expect([path, answer.status, told.map(({ name, state }) => `${name} ${state}`)]).toEqual([path, status, [...blockers]]);
      for (const step of suggestion.split(" && ")) await ok(step.split(" ").slice(1));
    }
    expect((await everything()).map((line) => line.split(" ")[0])).toEqual(["api:1", "api:2", "idle", "old:1", "web:1"]);
  }, DEADLINE_MS);

  test("why: how it came, by whom, what needs it, what its removal means", async () => {
    await ok(["run", "--rm", "--network", "none", "web:1", "true"]);
    const web = await ok(["why", "web:1"]);
    expect(web).toMatch(/^image web:1 \([0-9a-f]{12}\)\n {2}came by import from -: .* ago, by \w+ with Berth-Client\/\S+ \(linux\)\n {2}last used: .* ago, by \w+ with Berth-Client\/\S+ \(linux\) \(5 times\)\nNeeded by:\n/);
    expect(web).toContain("  container busy (");
    expect(web).toContain("It cannot be removed: conflict: unable to delete ");
    expect(await ok(["why", "old:1"])).toMatch(/\n {2}never used\nNeeded by:\n {2}tag old:1, names it\nRemoving it frees [\d.]+kB\n$/);
    expect(await ok(["why", "busy"])).toMatch(/Needs:\n {2}image web:1\n {2}volume data\n {2}network none\nRemoving it needs -f and frees [\d.]+kB\n$/);
    expect(await ok(["why", "--type", "volume", "data"])).toContain("Needed by:\n  container busy (");
    expect(JSON.parse(await ok(["why", "net", "--format", "json"]))).toMatchObject({ kind: "network", name: "net", usedBy: [], removal: { possible: true } });
    expect(await berth(["why", "nosuch"])).toMatchObject({ exitCode: 1, stderr: "Error response from daemon: No such object: nosuch\n" });
  }, DEADLINE_MS);

  test("graph: a tree, JSON, and a language that graphviz reads", async () => {
    const tree = await ok(["graph"]);
    expect(tree).toMatch(/\nvolume data.*\n└─ container busy \([^)]*running\) mounts it\n/);
    expect(tree).toMatch(/\nimage web:1 \([^)]*\)\n├─ container busy \([^)]*\) made from it\n├─ container idle \([^)]*\) made from it\n└─ tag web:1 names it\n/);
    expect(tree).not.toContain("layer ");
    const graph = JSON.parse(await ok(["graph", "--format", "json", "--layers"])) as { nodes: { key: string; kind: string; name: string }[]; edges: { from: string; to: string; how: string }[] };
    const keys = new Set(graph.nodes.map((node) => node.key));
    expect(keys.size).toBe(graph.nodes.length);
    expect(graph.edges.filter((edge) => !keys.has(edge.from) || !keys.has(edge.to))).toEqual([]);
    // three chains: shared, and one on it for each of two images; web's own
    expect(graph.nodes.filter((node) => node.kind === "layer").length).toBe(4);
    const dot = await ok(["graph", "--format", "dot"]);
    expect(dot).toStartWith("digraph berth {\n");
    expect(dot.split("\n").filter((line) => line !== "" && !/^(digraph berth \{|\}| {2}(rankdir=LR;|"[^"]+" (-> "[^"]+" )?\[.*\];))$/.test(line))).toEqual([]);
  }, DEADLINE_MS);

  test("names by pattern, and all of a repository or an image", async () => {
    for (const tag of ["pg:13-beta1", "pg:13-beta2", "pg:13.1", "reg.example/pg:13-beta1"]) await ok(["tag", "old:1", tag]);
    expect(await lines("rmi", "pg:13-beta*")).toEqual(["Untagged: pg:13-beta1", "Untagged: pg:13-beta2"]);
    expect(await berth(["rmi", "pg:14*"])).toMatchObject({ exitCode: 1, stderr: 'no image name matches "pg:14*"\n' });
    expect(await berth(["rmi", "pg["])).toMatchObject({ exitCode: 1, stderr: 'invalid pattern "pg[": syntax error in pattern\n' });
    expect((await lines("rmi", "--all-tags", "api")).slice(0, 2)).toEqual(["Untagged: api:1", "Untagged: api:2"]);
    const [id = ""] = await lines("images", "-q", "old");
    expect((await lines("rmi", "--all-tags", id)).filter((line) => line.startsWith("Untagged"))).toEqual(["Untagged: old:1", "Untagged: pg:13.1", "Untagged: reg.example/pg:13-beta1"]);
    expect(await berth(["rmi", "--all-tags", "nosuch"])).toMatchObject({ exitCode: 1, stderr: 'no image or repository is called "nosuch"\n' });
    expect(await lines("images", "-q")).toHaveLength(1);
  }, DEADLINE_MS);

  test("images in the order and with the columns one wants", async () => {
    const order = (...flags: string[]): Promise<string[]> => lines("images", "--format", "{{.Repository}}:{{.Tag}}", ...flags);
    expect(await order("--sort", "name")).toEqual(["api:1", "api:2", "old:1", "web:1"]);
    expect(await order("--sort", "size")).toEqual(["web:1", "old:1", "api:1", "api:2"]);
    expect(await order("--sort", "size", "--reverse")).toEqual(["api:1", "api:2", "old:1", "web:1"]);
    expect((await order("--sort", "used"))[0]).toBe("web:1");
    expect(await order("--sort", "created", "--reverse")).toHaveLength(4);
    expect(await lines("images", "--format", "{{.Repository}} {{.SharedSize}} {{.UniqueSize}} {{.UsedBy}}", "--sort", "name", "--filter", "reference!=api:2")).toEqual(["api 20kB 5kB ", "old 20kB 9kB ", "web 0B 4MB busy,idle"]);
    const table = await lines("images", "--columns", "shared,unique,used-by,last-used");
    expect(table[0]).toMatch(/SIZE +SHARED SIZE +UNIQUE SIZE +USED BY +LAST USED/);
    // it stays known when the containers are gone
    await ok(["rm", "-f", "busy", "idle"]);
    expect((await lines("images", "--format", "{{.Repository}} {{.LastUsed}}", "web"))[0]).toMatch(/^web .+ ago$/);
  }, DEADLINE_MS);

  const FILTERS: readonly (readonly [list: string, filter: string, names: readonly string[]])[] = [
    ["images", "reference!=api*", ["old:1", "web:1"]], ["images", "label!=keep", ["api:1", "api:2", "old:1"]], ["images", "in-use=true", ["web:1"]], ["images", "in-use!=true", ["api:1", "api:2", "old:1"]],
    ["images", "larger-than=28kB", ["old:1", "web:1"]], ["images", "larger-than!=28kB", ["api:1", "api:2"]], ["images", "unused-for=1h", []], ["images", "unused-for!=1h", ["api:1", "api:2", "old:1", "web:1"]],
    ["images", "pulled-before=1h", []], ["images", "pulled-before!=1h", ["api:1", "api:2", "old:1", "web:1"]], ["images", "dangling!=true", ["api:1", "api:2", "old:1", "web:1"]], ["images", "until!=2000-01-01", ["api:1", "api:2", "old:1", "web:1"]],
    ["ps", "name!=busy", ["idle"]], ["ps", "status!=running", ["idle"]], ["ps", "ancestor!=web:1", []], ["ps", "label!=keep", []], ["ps", "in-use=true", ["busy"]], ["ps", "volume!=data", ["idle"]],
    ["ps", "larger-than=1B", []], ["ps", "unused-for!=1h", ["busy", "idle"]], ["ps", "publish!=80", ["busy", "idle"]],
    ["volume", "name!=data", []], ["volume", "in-use=true", ["data"]], ["volume", "dangling!=true", ["data"]], ["volume", "larger-than=1GB", []], ["volume", "label!=x", ["data"]], ["volume", "unused-for!=1h", ["data"]],
    ["network", "name!=net", ["bridge", "host", "none"]], ["network", "driver!=bridge", ["host", "none"]], ["network", "type!=builtin", ["net"]], ["network", "in-use!=true", ["bridge", "host", "net"]], ["network", "label!=x", ["bridge", "host", "net", "none"]],
  ];
  test("filters of lists: the opposite of every key, and keys of our own", async () => {
    const LIST: Record<string, string[]> = { images: ["images", "--format", "{{.Repository}}:{{.Tag}}"], ps: ["ps", "-a", "--format", "{{.Names}}"], volume: ["volume", "ls", "--format", "{{.Name}}"], network: ["network", "ls", "--format", "{{.Name}}"] };
    const found = await Promise.all(FILTERS.map(async ([list, filter]) => [list, filter, (await lines(...(LIST[list] ?? []), "--filter", filter)).toSorted()]));
    expect(found).toEqual(FILTERS.map(([list, filter, expected]) => [list, filter, [...expected]]));
  }, DEADLINE_MS);

  test("filters of prunes are the same, and the prune takes what its dry run showed", async () => {
    const CASES: readonly (readonly [args: readonly string[], names: readonly string[]])[] = [
      [["image", "prune", "-a", "--filter", "reference!=api*"], ["tag old:1", "image"]],
      [["image", "prune", "-a", "--filter", "larger-than!=28kB", "--filter", "in-use=false"], ["tag api:1", "tag api:2", "image"]],
      [["image", "prune", "-a", "--filter", "unused-for=1h"], []],
      [["image", "prune", "-a", "--filter", "pulled-before=1h"], []],
      [["container", "prune", "--filter", "name!=idle"], []],
      [["container", "prune", "--filter", "label=keep", "--filter", "larger-than!=1MB"], ["container idle"]],
      [["network", "prune", "--filter", "name!=net"], []],
      [["network", "prune", "--filter", "label!=keep"], ["network net"]],
      [["volume", "prune", "-a", "--filter", "name!=data"], []],
    ];
    for (const [args, expected] of CASES) {
      expect([args, names((await plan(...args, "--dry-run")).objects)]).toEqual([args, [...expected]]);
    }
    for (const [args] of CASES) await ok([...args, "-f"]);
    expect((await everything()).map((line) => line.split(" ")[0])).toEqual(["busy", "data", "web:1"]);
  }, DEADLINE_MS);

  test("free: shows, asks, and removes no more than it must", async () => {
    const before = await everything();
    const asked = await berth(["free", "1kB"], "n\n");
    expect(asked.exitCode).toBe(0);
    expect(asked.stdout).toEndWith("Remove these? [y/N] ");
    expect((await berth(["free", "1kB", "--dry-run"])).stdout).not.toContain("[y/N]");
    expect(await everything()).toEqual(before);
    const [first] = (await plan("free", "1kB")).objects;
    expect(await ok(["free", "1kB"], "y\n")).toContain(`Untagged: ${first?.name}\n`);
    expect(await lines("images", "-q")).toHaveLength(first?.name === "old:1" ? 3 : 2);
    const all = await berth(["free", "10GB", "-f"]);
    expect(all).toMatchObject({ exitCode: 1, stderr: "Unused images do not add up to 10GB.\n" });
    // what is used stays
    expect(await lines("images", "--format", "{{.Repository}}")).toEqual(["web"]);
    expect(await berth(["free", "10GB", "-f"])).toMatchObject({ exitCode: 1 });
  }, DEADLINE_MS);

  test("where the daemon only lists, the same commands estimate and say so", async () => {
    const FOREIGN = { BERTH_ESTIMATE: "1" };
    const estimate = async (...args: string[]): Promise<Plan> => JSON.parse((await berth([...args, "--format", "json"], undefined, FOREIGN)).stdout) as Plan;
    const going = (objects: Plan["objects"]): string[] => objects.filter(({ kind }) => kind !== "tag").map(({ kind, name }) => (kind === "image" ? "image" : `${kind} ${name}`)).toSorted();
    for (const args of [["rm", "--dry-run", "idle"], ["rmi", "--dry-run", "old:1"], ["rmi", "--dry-run", "web:1"], ["image", "prune", "-a", "--dry-run"], ["container", "prune", "--dry-run"], ["network", "prune", "--dry-run"], ["system", "prune", "-a", "--dry-run"], ["free", "10GB", "--dry-run"]]) {
      const [guess, truth] = [await estimate(...args), await plan(...args)];
      expect(guess.estimated).toBe(true);
      expect([args, going(guess.objects)]).toEqual([args, going(truth.objects)]);
    }
    const kept = (await estimate("rmi", "--dry-run", "web:1")).kept;
    expect(kept[0]?.blockers.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual(["busy running", "idle created"]);
    const told = await berth(["why", "web:1"], undefined, FOREIGN);
    expect(told.stderr).toBe("These are estimates: this daemon only lists, it does not plan.\n");
    expect(told.stdout).toContain("  container busy (");
    expect((await berth(["graph"], undefined, FOREIGN)).stderr).toBe(told.stderr);
    expect((await berth(["rm", "--dry-run", "idle"], undefined, FOREIGN)).stderr).toBe(told.stderr);
    expect(await berth(["image", "prune", "--dry-run", "--filter", "in-use=false"], undefined, FOREIGN)).toMatchObject({ exitCode: 1, stderr: "invalid filter 'in-use': a Docker daemon knows label, label!, until here\n" });
    expect((await berth(["apply", "x"], undefined, FOREIGN)).stderr).toStartWith("apply needs berth's own daemon: ");
    expect((await lines("images", "--format", "{{.Repository}} {{.UsedBy}}", "web"))[0]).toBe("web busy,idle");
    expect(await ok(["free", "1kB", "-f"], undefined, FOREIGN)).toContain("Deleted: sha256:");
    expect((await lines("images", "-q", "web")).length).toBe(1);
  }, DEADLINE_MS);

  const BAD: readonly (readonly [args: readonly string[], exitCode: number, stderr: string])[] = [
    [["images", "--filter", "nosuch=1"], 1, "Error response from daemon: invalid filter 'nosuch'\n"],
    [["images", "--filter", "nosuch!=1"], 1, "Error response from daemon: invalid filter 'nosuch!'\n"],
    [["images", "--filter", "larger-than=much"], 1, "Error response from daemon: invalid filter 'larger-than=[much]'\n"],
    [["images", "--filter", "unused-for=long"], 1, "Error response from daemon: invalid filter 'unused-for=[long]'\n"],
    [["images", "--filter", "in-use=maybe"], 1, "Error response from daemon: invalid filter 'in-use=[maybe]'\n"],
    [["image", "prune", "-f", "--filter", "until=soon"], 1, 'Error response from daemon: failed to parse value as time or duration: "soon"\n'],
    [["image", "prune", "-af", "--filter", "reference=["], 1, "Error response from daemon: syntax error in pattern\n"],
    [["container", "prune", "--dry-run", "--filter", "nosuch=1"], 1, "Error response from daemon: invalid filter 'nosuch'\n"],
    [["container", "prune", "-f", "--filter", "ancestor!=nosuch"], 1, "Error response from daemon: No such image: nosuch:latest\n"],
    [["volume", "prune", "-f", "--filter", "until=1h"], 1, "Error response from daemon: invalid filter 'until'\n"],
    [["network", "prune", "-f", "--filter", "nosuch=1"], 1, "Error response from daemon: invalid filter 'nosuch'\n"],
    [["images", "--format", "{{.Nosuch"], 1, "template parsing error: template: :1: unclosed action\n"],
    [["rmi", "--dry-run", "old:1", "--format", "{{nosuch}}"], 1, 'template parsing error: template: :1: function "nosuch" not defined\n'],
    [["images", "--sort", "colour"], 1, 'unknown sort key "colour": choose from created, size, used, name\n'],
    [["images", "--columns", "colour"], 1, 'unknown column "colour": choose from shared, unique, used-by, last-used, containers\n'],
    [["rm", "--dry-run", "nosuch"], 1, "Error response from daemon: No such container: nosuch\n"],
    [["rmi", "--dry-run", "old:1", "nosuch"], 1, "Error response from daemon: No such image: nosuch:latest\n"],
    [["plan", "burn"], 1, 'unknown verb "burn": choose from rm, rmi, prune\n'],
    [["free", "much"], 1, "invalid size: 'much'\n"],
    [["free", "0"], 1, 'invalid size: "0"\n'],
    [["graph", "--format", "svg"], 1, 'unknown format "svg": choose from tree, json, dot\n'],
    [["apply", "../../containers"], 1, "Error response from daemon: No such plan: ../../containers\n"],
    [["image", "prune", "-f", "--format", "json"], 1, "--format is for --dry-run\n"],
  ];
  test("bad input is refused, and nothing is done", async () => {
    const before = await everything();
    const results = await Promise.all(BAD.map(async ([args]) => {
      const { exitCode, stderr } = await berth(args);
      return [args, exitCode, stderr];
    }));
    expect(results).toEqual(BAD.map((row) => [...row]));
    for (const body of ["{", "[]", "{}", '{"prune":1}', '{"remove":{"images":[1]}}', '{"freeBytes":-1}', '{"prune":{"images":{"filters":{"nosuch":["1"]}}}}']) {
      expect([body, (await daemon.call("POST", "/berth/v1/plan", body)).status]).toEqual([body, 400]);
    }
    expect(await everything()).toEqual(before);
  }, DEADLINE_MS);

  test("an ID that is not one image's alone is none", async () => {
    const images = Array.from({ length: 20 }, (_, index) => archiveImage([tarOf([{ name: `${index}`, content: "x" }])], [`many:${index}`]));
    await ok(["load", "-q"], docker25(images));
    const ids = await lines("images", "-q", "--no-trunc", "many");
    const firsts = ids.map((id) => id.slice("sha256:".length, "sha256:".length + 1));
    const shared = firsts.find((letter, index) => firsts.indexOf(letter) !== index) ?? "";
    expect(await berth(["rmi", "--dry-run", shared])).toMatchObject({ exitCode: 1, stderr: `Error response from daemon: No such image: ${shared}:latest\n` });
    expect(await berth(["rmi", "--all-tags", shared])).toMatchObject({ exitCode: 1, stderr: `several image IDs begin with "${shared}"\n` });
    expect(await lines("images", "-q", "many")).toHaveLength(20);
  }, DEADLINE_MS);

  test("prunes at once: each is answered, and together they remove everything once", async () => {
    for (const name of ["p1", "p2", "p3", "p4", "p5", "p6"]) await ok(["create", "--network", "none", "--name", name, "web:1"]);
    const answers = await Promise.all(Array.from({ length: 4 }, () => Promise.all([daemon.call("POST", "/containers/prune"), daemon.call("POST", '/images/prune?filters={"dangling":["false"]}'), daemon.call("POST", "/networks/prune")])));
    expect(answers.flat().map((answer) => answer.status)).toEqual(Array.from({ length: 12 }, () => 200));
    const containers = answers.flatMap(([first]) => (first.json() as { ContainersDeleted: string[] | null }).ContainersDeleted ?? []);
    expect([containers.length, new Set(containers).size]).toEqual([7, 7]);
    expect((await everything()).map((line) => line.split(" ")[0])).toEqual(["busy", "data", "web:1"]);
  }, DEADLINE_MS);

  test("removal beside creation and arrival: one wins, nothing is half done", async () => {
    const archive = docker25([archiveImage([LAYER.shared, LAYER.old], ["old:1"])]);
    for (let round = 0; round < 6; round++) {
      const [created, removed] = await Promise.all([daemon.call("POST", "/containers/create?name=more", { Image: "old:1", Cmd: ["/x"] }), daemon.call("DELETE", "/images/old:1")]);
      // the container came first and keeps it, or there was no image any more
      expect([201, 404]).toContain(created.status);
      expect(removed.status).toBe(created.status === 201 ? 409 : 200);
      const [loaded, again, twice] = await Promise.all([berth(["load", "-q"], archive), daemon.call("DELETE", "/images/old:1?force=1"), daemon.call("DELETE", "/images/old:1?force=1")]);
      expect([loaded.exitCode, again.status, twice.status].filter((code) => code !== 0 && code !== 200 && code !== 404)).toEqual([]);
      const gone = await Promise.all([daemon.call("DELETE", "/containers/more"), daemon.call("DELETE", "/containers/more"), daemon.call("POST", "/containers/prune")]);
      expect(gone.every(({ status }) => status === 204 || status === 404 || status === 409 || status === 200)).toBe(true);
      await ok(["load", "-q"], archive);
      expect((await daemon.call("GET", "/images/old:1/json")).status).toBe(200);
    }
    await ok(["save", "-o", "/dev/null", "old:1"]);
    await clear();
    await poll("nothing is left on the disk", () => readdirSync(join(daemon.dataRoot, "layers")).length === 0 && readdirSync(join(daemon.dataRoot, "blobs/sha256")).length === 0 && readdirSync(join(daemon.dataRoot, "trash")).length === 0);
    expect(existsSync(join(daemon.dataRoot, "layers"))).toBe(true);
  }, DEADLINE_MS);
});
