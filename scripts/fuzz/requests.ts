// What the fuzzer sends: every route with every query parameter, bodies mutated from valid ones, odd paths and headers.
import type { Random } from "./random.ts";
import { badText, badValue, mutate } from "./values.ts";

export interface FuzzRequest {
  /** What is made is started too. */
  start?: boolean;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface Known {
  image: string;
  container: string;
}

const QUERIES = [
  "all", "limit", "size", "filters", "name", "platform", "t", "signal", "condition", "h", "w", "ps_args", "stdout", "stderr", "since", "until", "tail", "timestamps", "details", "stream", "one-shot", "logs", "stdin", "detachKeys", "path", "noOverwriteDirNonDir", "copyUIDGID", "force", "v", "link", "repo", "tag", "fromImage", "message", "changes", "comment", "author", "pause", "container", "digests", "shared-size", "manifests", "noprune", "platforms", "names", "quiet", "type", "term", "verbose", "scope", "dangling", "term", "kind",
] as const;

// none of these waits or streams for ever: what may, is given a bounded form below
const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/_ping"], ["HEAD", "/_ping"], ["GET", "/version"], ["GET", "/info"], ["GET", "/system/df"], ["POST", "/auth"], ["GET", "/plugins"],
  ["GET", "/containers/json"], ["POST", "/containers/create"], ["POST", "/containers/prune?filters=%7B%22label%22%3A%5B%22never%22%5D%7D"], ["GET", "/containers/{c}/json"], ["GET", "/containers/{c}/top"], ["GET", "/containers/{c}/changes"], ["GET", "/containers/{c}/stats?stream=0"],
  ["POST", "/containers/{c}/start"], ["POST", "/containers/{c}/stop"], ["POST", "/containers/{c}/kill"], ["POST", "/containers/{c}/restart"], ["POST", "/containers/{c}/pause"], ["POST", "/containers/{c}/unpause"], ["POST", "/containers/{c}/rename"], ["POST", "/containers/{c}/update"], ["POST", "/containers/{c}/wait"], ["POST", "/containers/{c}/resize"], ["DELETE", "/containers/{c}"],
  ["GET", "/containers/{c}/logs"], ["POST", "/containers/{c}/attach"], ["GET", "/containers/{c}/attach/ws"], ["POST", "/containers/{c}/exec"], ["HEAD", "/containers/{c}/archive"], ["GET", "/containers/{c}/archive"], ["PUT", "/containers/{c}/archive"], ["GET", "/containers/{c}/export"], ["POST", "/commit"],
  ["POST", "/exec/{x}/start"], ["POST", "/exec/{x}/resize"], ["GET", "/exec/{x}/json"],
  ["GET", "/images/json"], ["POST", "/images/create"], ["POST", "/images/load"], ["GET", "/images/get"], ["GET", "/images/search"], ["POST", "/images/prune?filters=%7B%22label%22%3A%5B%22never%22%5D%7D"], ["GET", "/images/{i}/json"], ["GET", "/images/{i}/history"], ["GET", "/images/{i}/get"], ["POST", "/images/{i}/tag"], ["POST", "/images/{x}/push"], ["DELETE", "/images/{x}"], ["GET", "/distribution/{x}/json"],
  ["GET", "/networks"], ["POST", "/networks/create"], ["POST", "/networks/prune?filters=%7B%22label%22%3A%5B%22never%22%5D%7D"], ["GET", "/networks/{x}"], ["POST", "/networks/{x}/connect"], ["POST", "/networks/{x}/disconnect"], ["DELETE", "/networks/{x}"],
  ["GET", "/volumes"], ["POST", "/volumes/create"], ["POST", "/volumes/prune?filters=%7B%22label%22%3A%5B%22never%22%5D%7D"], ["GET", "/volumes/{x}"], ["DELETE", "/volumes/{x}"], ["PUT", "/volumes/{x}"],
  ["GET", "/events?until=1"], ["POST", "/build"], ["POST", "/session"], ["POST", "/build/prune"], ["GET", "/swarm"], ["GET", "/services"], ["POST", "/swarm/init"], ["GET", "/nodes"], ["GET", "/secrets"], ["GET", "/configs"], ["GET", "/tasks"],
  ["POST", "/berth/v1/plan"], ["POST", "/berth/v1/plan/{x}/apply"], ["GET", "/berth/v1/why/{x}"], ["GET", "/berth/v1/graph"], ["GET", "/berth/v1/pins"], ["POST", "/berth/v1/pins"], ["DELETE", "/berth/v1/pins"],
];

/** An engine takes it as it is, so that what is wrong is what the fuzzer changed. */
export function validCreate(image: string): object {
  return {
    Hostname: "h", Domainname: "d", User: "1000:1000", AttachStdin: false, Tty: false, OpenStdin: false, Env: ["A=b"], Cmd: ["true"], Entrypoint: ["/bin/sh", "-c"], Image: image, Labels: { a: "b" }, WorkingDir: "/tmp", StopSignal: "SIGTERM", StopTimeout: 3,
    Volumes: { "/v": {} }, ExposedPorts: { "80/tcp": {} }, MacAddress: "02:42:ac:11:00:02", Shell: ["/bin/sh"], OnBuild: [], NetworkDisabled: false, ArgsEscaped: false, Healthcheck: { Test: ["CMD", "true"], Interval: 1_000_000_000, Timeout: 1_000_000_000, Retries: 1, StartPeriod: 0 },
    HostConfig: {
      Binds: ["/tmp:/t:ro"], Memory: 50_000_000, MemorySwap: -1, MemoryReservation: 10_000_000, MemorySwappiness: 10, OomKillDisable: false, OomScoreAdj: 0, NanoCpus: 0, CpuShares: 100, CpuPeriod: 100_000, CpuQuota: 50_000, CpusetCpus: "0", CpusetMems: "0", PidsLimit: 100, BlkioWeight: 0,
      BlkioDeviceReadBps: [{ Path: "/dev/null", Rate: 1 }], NetworkMode: "none", PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] }, RestartPolicy: { Name: "on-failure", MaximumRetryCount: 1 }, AutoRemove: false, VolumeDriver: "local", VolumesFrom: [], CapAdd: ["NET_ADMIN"], CapDrop: ["ALL"], Dns: ["1.1.1.1"], DnsOptions: ["x"], DnsSearch: ["y"],
      ExtraHosts: ["a:1.2.3.4"], GroupAdd: ["1"], IpcMode: "private", PidMode: "", UTSMode: "", UsernsMode: "", CgroupnsMode: "private", Privileged: false, PublishAllPorts: false, ReadonlyRootfs: false, SecurityOpt: ["no-new-privileges"], StorageOpt: {}, Tmpfs: { "/x": "size=1m" }, ShmSize: 1_000_000, Sysctls: { "net.ipv4.ip_forward": "1" }, Runtime: "", ConsoleSize: [10, 10], Isolation: "",
      Ulimits: [{ Name: "nofile", Soft: 10, Hard: 20 }], Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/x", CgroupPermissions: "rwm" }], DeviceCgroupRules: ["c 1:3 r"], DeviceRequests: [], Mounts: [{ Type: "tmpfs", Target: "/m", TmpfsOptions: { SizeBytes: 1000 } }, { Type: "volume", Source: "fuzz", Target: "/n" }], MaskedPaths: ["/proc/kcore"], ReadonlyPaths: ["/proc/sys"],
      Init: false, LogConfig: { Type: "json-file", Config: { "max-size": "1m" } }, CgroupParent: "", ContainerIDFile: "", Links: [], Annotations: { a: "b" },
    },
    NetworkingConfig: { EndpointsConfig: { none: { Aliases: [], IPAMConfig: {}, Links: [], MacAddress: "", DriverOpts: {}, GwPriority: 0 } } },
  };
}

const BODIES: Readonly<Record<string, unknown>> = {
  "/exec": { Cmd: ["true"], AttachStdout: true, Tty: false, Env: ["A=b"], User: "root", WorkingDir: "/", DetachKeys: "ctrl-p", Privileged: false, ConsoleSize: [1, 1] },
  "/start": { Detach: true, Tty: false, ConsoleSize: [1, 1] },
  "/update": { Memory: 50_000_000, CpuShares: 2, RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, PidsLimit: 5, BlkioWeight: 0, CpusetCpus: "0" },
  "/networks/create": { Name: "fuzz", Driver: "none-such", Internal: true, EnableIPv6: false, IPAM: { Driver: "default", Config: [{ Subnet: "not/24", Gateway: "1", IPRange: "2" }], Options: {} }, Options: { a: "b" }, Labels: { a: "b" }, Attachable: false, Ingress: false, ConfigOnly: false },
  "/connect": { Container: "x", EndpointConfig: { Aliases: ["a"], IPAMConfig: { IPv4Address: "1" } } },
  "/disconnect": { Container: "x", Force: true },
  "/volumes/create": { Name: "fuzz", Driver: "local", DriverOpts: { type: "nothing", device: "nowhere", o: "x" }, Labels: { a: "b" } },
  "/auth": { username: "u", password: "p", serveraddress: "127.0.0.1:1", email: "" },
  "/plan": { containers: ["x"], images: ["y"], freeBytes: 1, prune: { images: { filters: { dangling: ["1"] } } } },
  "/pins": { kind: "image", name: "x", reason: "y" },
  "/commit": { Env: ["A=b"], Cmd: ["x"] },
};

export function makeRequest(random: Random, known: Known): FuzzRequest {
  if (random.chance(2)) return createRequest(random, known);
  const [method, pattern] = random.pick(ROUTES);
  const path = pattern.replaceAll(/\{(\w)\}/g, (_, kind: string) => nameFor(random, kind, known));
  const version = random.chance(3) ? `/v${random.pick(["1.24", "1.30", "1.41", "1.43", "1.47", "1.51", "1.51", "1.52", "1.23", "2.0", "0", "1", "1.", "1.2.3", "999999999999.1"])}` : "";
  return { method: random.chance(30) ? random.pick(["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"]) : method, path: `${version}${path}${queryFor(random, path)}`, headers: headersFor(random), body: bodyFor(random, path) };
}

function createRequest(random: Random, { image }: Known): FuzzRequest {
  const name = random.chance(5) ? `?name=${encode(badText(random))}` : "";
  const start = random.chance(10);
  return { method: "POST", path: `/containers/create${name}`, headers: { "content-type": "application/json" }, body: JSON.stringify(mutate(random, validCreate(image))), start };
}

function nameFor(random: Random, kind: string, { image, container }: Known): string {
  if (kind === "i" && random.chance(2)) return image;
  if (kind === "c" && random.chance(2)) return container;
  return random.chance(3) ? badText(random).slice(0, 300).replaceAll(/[^\w.:@/%-]/g, "") || "x" : encode(badText(random)) || "x";
}

function queryFor(random: Random, path: string): string {
  const pairs = Array.from({ length: random.below(5) }, () => `${random.pick(QUERIES)}=${random.chance(6) ? badText(random).replaceAll(/[^\w.%-]/g, "") : encode(random.chance(3) ? random.pick(["1", "0", "true", "10", "/", "/etc/passwd"]) : badText(random))}`);
  // a fuzzer that waits learns nothing
  if (path.includes("/stop") || path.includes("/restart")) pairs.unshift("t=0");
  return pairs.length === 0 ? "" : `${path.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

function headersFor(random: Random): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (random.chance(6)) headers["content-type"] = random.pick(["", "text/plain", "application/json; charset=utf-8", "application/x-tar", "application/jsonx", "é".normalize("NFD").replaceAll(/[^ -~]/g, "")]);
  if (random.chance(8)) headers["x-registry-auth"] = random.pick(["", "e30=", "!!!", "bnVsbA==", "W10=", "a".repeat(9000)]);
  if (random.chance(8)) headers["x-registry-config"] = "////";
  if (random.chance(20)) headers["user-agent"] = badText(random).replaceAll(/[^ -~]/g, "?");
  return headers;
}

function bodyFor(random: Random, path: string): string {
  const valid = Object.entries(BODIES).find(([end]) => path.split("?")[0]?.endsWith(end))?.[1];
  if (random.chance(5)) return random.pick(["", "{", "[]", "null", "nul", "\"x\"", "{}{}", "{\"a\":1,}", "\u0000", "{\"Image\":", "[[[[[", "9".repeat(400), `${"[".repeat(20_000)}`]);
  if (valid !== undefined) return JSON.stringify(mutate(random, valid));
  return random.chance(3) ? JSON.stringify(badValue(random)) ?? "" : "";
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
