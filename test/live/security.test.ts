// What a container may do and reach by default, seen from inside; what reaches outside through it. CONTRACT_SOCKET: against another engine. Needs root.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineUnderTest, openEngine, uniqueName } from "../contract/engine-under-test.ts";
import { importBase } from "../contract/imported-image.ts";
import { isRoot } from "../support/free-network.ts";
import { tarOf } from "../support/tar-text.ts";

const isElsewhere = process.env["CONTRACT_SOCKET"] !== undefined;
const repo = uniqueName("security");
const image = `${repo}:1`;
const MARK = "this stands outside of every container";
let engine: EngineUnderTest;
let outside: string;

beforeAll(async () => {
  if (!isRoot) return;
  engine = await openEngine(["--group", "4242"]);
  await importBase(engine.socket, { repo, tag: "1" });
  // a path that does not exist in the image
  outside = mkdtempSync("/tmp/berth-outside-");
  for (const name of ["file", "passwd"]) writeFileSync(join(outside, name), name === "passwd" ? `outsider:x:4711:4711::/:/bin/sh\n` : MARK);
}, 120_000);
afterAll(async () => {
  await engine?.call("DELETE", `/images/${image}?force=1`).catch(() => undefined);
  await engine?.[Symbol.asyncDispose]();
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
}, 120_000);

interface ContainerBody {
  Cmd: readonly string[];
  Image?: string;
  User?: string;
  HostConfig?: object;
}

/** Starts it, gives its id, removes it. */
async function withContainer<T>(body: ContainerBody, use: (id: string) => Promise<T>): Promise<T> {
  const made = await engine.call("POST", "/containers/create", { Image: image, ...body, HostConfig: { NetworkMode: "none", ...body.HostConfig } });
  const { Id, message } = made.json() as { Id: string; message?: string };
  if (message !== undefined) throw new Error(message);
  try {
    const started = await engine.call("POST", `/containers/${Id}/start`);
    if (started.status !== 204) throw new Error(started.text);
    return await use(Id);
  } finally {
    await engine.call("DELETE", `/containers/${Id}?force=1&v=1`);
  }
}

/** What it prints until its end. */
function output(body: ContainerBody): Promise<string> {
  return withContainer(body, async (id) => {
    await engine.call("POST", `/containers/${id}/wait`);
    const { text } = await engine.call("GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    return text.replaceAll(/[\u0001\u0002]\0{3}[\s\S]{4}/g, "");
  });
}

const shell = (script: string, more: Omit<ContainerBody, "Cmd"> = {}): Promise<string> => output({ ...more, Cmd: ["sh", "-c", script] });

async function exec(id: string, Cmd: readonly string[], more: object = {}): Promise<{ code: number | null; text: string }> {
  const made = await engine.call("POST", `/containers/${id}/exec`, { Cmd, AttachStdout: true, AttachStderr: true, ...more });
  if (made.status !== 201) return { code: null, text: made.text };
  const { Id } = made.json() as { Id: string };
  const { text } = await engine.call("POST", `/exec/${Id}/start`, { Detach: false });
  const { ExitCode } = (await engine.call("GET", `/exec/${Id}/json`)).json() as { ExitCode: number | null };
  return { code: ExitCode, text };
}

// numbers of x86-64 with arguments that make no sense: unhindered they end with something else than EPERM, also for who has no capability
const REFUSED: Readonly<Record<string, string>> = {
  uselib: "134", ustat: "136", sysfs: "139", mount: "165", umount2: "166", swapoff: "168", iopl: "172,3", ioperm: "173", init_module: "175", delete_module: "176", quotactl: "179", lookup_dcookie: "212", clock_settime: "227", mbind: "237",
  set_mempolicy: "238", get_mempolicy: "239", kexec_load: "246", add_key: "248", request_key: "249", keyctl: "250", migrate_pages: "256", unshare: "272,268435456", move_pages: "279", perf_event_open: "298",
  open_by_handle_at: "304", setns: "308", kcmp: "312", finit_module: "313", kexec_file_load: "320", bpf: "321", userfaultfd: "323", io_uring_setup: "425", io_uring_enter: "426", io_uring_register: "427", open_tree: "428", move_mount: "429",
  fsopen: "430", fsconfig: "431", fsmount: "432", fspick: "433", mount_setattr: "442", vsock: "41,40,1", personality: "135,262144",
};
const ALLOWED: Readonly<Record<string, string>> = { getpid: "39", inet: "41,2,1", packet: "41,17,3", setuid: "105", personality: "135,8", ptrace: "101,999,4194303", mknod: "133", chroot: "161", setsockopt: "54", statx: "332", close_range: "436,9999,9999", landlock: "444,0,0,1", futex_waitv: "449" };
const [EPERM, ENOSYS] = [1, 38];

/** errno by name, as bun in a container is told; its own calls are no matter. */
async function systemCalls(calls: Readonly<Record<string, string>>, HostConfig: { SecurityOpt?: readonly string[]; Runtime?: string; Privileged?: boolean } = {}): Promise<Record<string, number>> {
  const bun = realpathSync(process.execPath);
  const libraries = [...execFileSync("ldd", [bun], { encoding: "utf8" }).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path as string);
  const mounts = [[bun, "/probe/bun"], [join(import.meta.dir, "system-call-probe.ts"), "/probe/probe.ts"], ...libraries.map((path) => [path, path])];
  const words = Object.entries(calls).map(([name, numbers]) => `${name}=${numbers}`);
  const text = await output({ Cmd: ["/probe/bun", "/probe/probe.ts", ...words], HostConfig: { ...HostConfig, Binds: mounts.map(([from, to]) => `${from}:${to}:ro`) } });
  return JSON.parse(text) as Record<string, number>;
}

describe.skipIf(!isRoot)("from inside", () => {
  test("capabilities: Docker's fourteen for root, none for others, none dropped in silence", async () => {
    const capabilities = (more?: Omit<ContainerBody, "Cmd">): Promise<string> => shell("grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\n\\t' ' ='", more);
    const [zero, fourteen] = ["0000000000000000", "00000000a80425fb"];
    expect(await capabilities()).toBe(`CapInh:=${zero} CapPrm:=${fourteen} CapEff:=${fourteen} CapBnd:=${fourteen} CapAmb:=${zero} NoNewPrivs:=0 Seccomp:=2 `);
    expect(await capabilities({ User: "1000" })).toBe(`CapInh:=${zero} CapPrm:=${zero} CapEff:=${zero} CapBnd:=${fourteen} CapAmb:=${zero} NoNewPrivs:=0 Seccomp:=2 `);
    expect(await capabilities({ HostConfig: { CapDrop: ["ALL"], CapAdd: ["NET_BIND_SERVICE"], SecurityOpt: ["no-new-privileges"] } })).toBe(`CapInh:=${zero} CapPrm:=${"0000000000000400"} CapEff:=${"0000000000000400"} CapBnd:=${"0000000000000400"} CapAmb:=${zero} NoNewPrivs:=1 Seccomp:=2 `);
    expect(await capabilities({ HostConfig: { SecurityOpt: ["seccomp=unconfined"] } })).toContain("Seccomp:=0");
  });

  test("masked and read-only paths of /proc and /sys", async () => {
    const masked = ["/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", "/sys/devices/system/cpu/cpu0/thermal_throttle"];
    // empty, whatever it is: told by what can be read of it
    const text = await shell(`for path in ${masked.join(" ")}; do if [ -d $path ]; then ls -A $path; elif [ -e $path ]; then head -c 10 $path; fi; done; echo over`);
    expect(text).toBe("over\n");
    const readOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys", "/sys/fs/cgroup"].filter((path) => existsSync(path));
    const mounts = await shell("cat /proc/mounts");
    // on cgroup v1 the directory that holds the hierarchies is a tmpfs of the container's own
    const isV1 = mounts.includes(" /sys/fs/cgroup tmpfs ");
    for (const path of readOnly) if (!(isV1 && path === "/sys/fs/cgroup")) expect(mounts).toMatch(new RegExp(` ${path} \\w+ ro,`));
    for (const [, path, options] of mounts.matchAll(/ (\/sys\/fs\/cgroup\/\S+) cgroup (\S+) /g)) expect(`${path} ${options}`).toMatch(/ ro,/);
    expect(await shell("for path in /proc/sys/kernel/hostname /proc/sysrq-trigger /sys/fs/cgroup/memory/tasks /proc/sys/kernel/core_pattern; do echo x 2>/dev/null >$path && echo $path; done; echo over")).toBe("over\n");
  });

  test("devices: the few that are harmless; others can be made, not opened", async () => {
    const names = (await shell("ls /dev")).split("\n").filter((name) => name !== "" && name !== "core");
    expect(names).toEqual(["fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"]);
    const script = "mknod /tmp/disk b 8 0; mknod /tmp/memory c 1 1; mknod /tmp/kmsg c 1 11; mknod /tmp/fuse c 10 229; mknod /tmp/null c 1 3; for name in disk memory kmsg fuse null; do head -c 1 /tmp/$name; done";
    expect(await shell(script)).toBe(["disk", "memory", "kmsg", "fuse"].map((name) => `head: /tmp/${name}: Operation not permitted\n`).join(""));
  });

  // numbers of system calls differ from one architecture to the next; an engine elsewhere may not see this host's files
  test.skipIf(process.arch !== "x64" || isElsewhere)("system calls: refused as by Docker's default profile, by every runtime, and only without leave", async () => {
    const names = Object.keys(REFUSED);
    const all = (errno: number): Record<string, number> => Object.fromEntries(names.map((name) => [name, errno]));
    const { Runtimes = {} } = (await engine.call("GET", "/info")).json() as { Runtimes?: Record<string, object> };
    for (const Runtime of ["runc", "crun"].filter((name) => name in Runtimes)) {
      // pthreads come by clone when clone3 is said not to be there
      const { clone3, ...rest } = await systemCalls({ ...REFUSED, clone3: "435" }, { Runtime });
      expect(rest).toEqual(all(EPERM));
      expect(clone3).toBe(ENOSYS);
      const allowed = await systemCalls(ALLOWED, { Runtime });
      expect(Object.entries(allowed).filter(([, errno]) => errno === EPERM)).toEqual([]);
    }
    const unconfined = await systemCalls(REFUSED, { SecurityOpt: ["seccomp=unconfined"] });
    const refusedStill = Object.entries(unconfined).filter(([, errno]) => errno === EPERM).map(([name]) => name);
    // these want a capability before they look at anything
    expect(refusedStill.filter((name) => !["swapoff", "iopl", "ioperm", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree", "mount", "umount2", "clock_settime", "bpf", "userfaultfd", "perf_event_open", "open_by_handle_at"].includes(name))).toEqual([]);
  });
});

describe.skipIf(!isRoot || isElsewhere)("on the host", () => {
  test("the socket is for root and its group; nobody else reads what containers were told, or their files", async () => {
    const { mode, uid, gid } = statSync(engine.socket);
    expect([(mode & 0o7777).toString(8), uid, gid]).toEqual(["660", 0, 4242]);
    const { dataRoot = "", directory = "" } = engine.daemon ?? {};
    await withContainer({ Cmd: ["sleep", "600"] }, async (id) => {
      expect(readdirSync(dataRoot)).toContain("berth.db");
      execFileSync("chmod", ["755", directory]);
      const attempt = (gid: number, program: string, ...args: string[]): string => {
        const { status, stderr } = spawnSync(program, args, { uid: 65_534, gid, encoding: "utf8", cwd: "/" });
        return status === 0 ? "done" : stderr.trim();
      };
      for (const name of ["berth.db", "berth.db-wal"]) expect(attempt(65_534, "/bin/busybox", "head", "-c", "1", join(dataRoot, name))).toEndWith("Permission denied");
      for (const name of [`containers/${id}`, "layers", "rw", "volumes"]) expect(attempt(65_534, "/bin/busybox", "ls", join(dataRoot, name))).toEndWith("Permission denied");
      const ping = ["-s", "-S", "--unix-socket", engine.socket, "http://engine/_ping"];
      expect(attempt(65_534, "curl", ...ping)).toContain("Couldn't connect");
      expect(attempt(4242, "curl", ...ping)).toBe("done");
    });
  });
});

/** Swaps the directory /x/dir, whose file says "inside", with a link to a directory of the host, for ever. */
const swapping = (): string => `mkdir -p /x/dir ${outside}; echo inside >/x/dir/file; echo inside >${outside}/file; ln -s ${outside} /x/link; ln -s / /x/root
while :; do mv /x/dir /x/real; mv /x/link /x/dir; mv /x/dir /x/link; mv /x/real /x/dir; done`;

describe.skipIf(!isRoot)("through links", () => {
  test("archives in and out, and an export, while a directory and a link change places", () =>
    withContainer({ Cmd: ["sh", "-c", swapping()] }, async (id) => {
      const incoming = tarOf([{ name: "planted", content: "planted" }, { name: "deeper/" }, { name: "deeper/planted", content: "planted" }]);
      const statuses = { get: new Set<number>(), put: new Set<number>(), head: new Set<number>() };
      let inside = 0;
      // as long as it takes for each to have been there at times
      for (let round = 0; round < 25 || ((inside === 0 || !statuses.put.has(200)) && round < 2000); round++) {
        const [got, put, head] = await Promise.all([
          engine.call("GET", `/containers/${id}/archive?path=/x/dir${round % 2 === 0 ? "" : "/file"}`),
          engine.call("PUT", `/containers/${id}/archive?path=/x/dir/${round % 2 === 0 ? "" : `../dir/.`}`, incoming),
          engine.call("HEAD", `/containers/${id}/archive?path=/x/dir/file`),
        ]);
        expect(got.text).not.toContain(MARK);
        if (got.text.includes("inside")) inside++;
        statuses.get.add(got.status);
        statuses.put.add(put.status);
        statuses.head.add(head.status);
      }
      const exported = await engine.call("GET", `/containers/${id}/export`);
      expect(exported.text.includes("inside")).toBe(true);
      expect(exported.text.includes(MARK)).toBe(false);
      // it was there at times: the race was run
      expect(inside).toBeGreaterThan(0);
      expect(statuses.put.has(200)).toBe(true);
      expect(readdirSync(outside).toSorted()).toEqual(["file", "passwd"]);
      expect(readFileSync(join(outside, "file"), "utf8")).toBe(MARK);
    }));

  test("links that stay: archives, users, working directories, volumes filled from the image, subpaths of volumes", async () => {
    const script = `mkdir -p /inner; ln -s ${outside} /inner/link; ln -s / /inner/root; ln -s ../../../../../../..${outside} /inner/up; ln -sf ${outside}/passwd /etc/passwd; exec sleep 600`;
    const volume = uniqueName("security");
    try {
      await withContainer({ Cmd: ["sh", "-c", script], HostConfig: { Binds: [`${volume}:/inner`] } }, async (id) => {
        await exec(id, ["sh", "-c", "until [ -L /etc/passwd ]; do sleep 0.02; done"], { User: "0" });
        for (const path of ["/inner/link/file", "/inner/up/file", `/inner/root${outside}/file`, `/inner/../../..${outside}/file`]) {
          expect((await engine.call("GET", `/containers/${id}/archive?path=${path}`)).status).toBe(404);
        }
        for (const path of ["/inner/link", "/inner/up", `/inner/root${outside}`]) {
          const put = await engine.call("PUT", `/containers/${id}/archive?path=${path}/`, tarOf([{ name: "planted", content: "planted" }]));
          expect(put.status).toBe(404);
        }
        // names that climb, in an archive
        for (const name of ["../../../../..", "/inner/link", "link", "inner/root"]) {
          await engine.call("PUT", `/containers/${id}/archive?path=/inner`, tarOf([{ name: `${name}${outside}/planted`, content: "planted" }, { name: `${name}/planted`, content: "planted" }]));
        }
        // a link in the archive, and then a file through it
        await engine.call("PUT", `/containers/${id}/archive?path=/`, tarOf([{ name: "way", type: "2", linkTarget: outside } as never, { name: "way/planted", content: "planted" }]));
        expect((await exec(id, ["id"], { User: "outsider" })).text).toContain("unable to find user outsider");
        const made = (await engine.call("POST", `/commit?container=${id}&repo=${repo}&tag=links`)).json() as { Id: string };
        expect(made.Id).toStartWith("sha256:");
      });
      // the volume is still there: it has a name
      const subpath = (Subpath: string): Promise<string> =>
        output({ Cmd: ["sh", "-c", "ls /sub; cat /sub/file"], HostConfig: { Mounts: [{ Type: "volume", Source: volume, Target: "/sub", VolumeOptions: { Subpath } }] } }).catch((error: unknown) => String(error));
      for (const path of ["link", "up", `root${outside}`, "../../..", `../../../../../..${outside}`]) {
        const text = await subpath(path);
        expect(text).not.toContain(MARK);
        expect(text).not.toContain("passwd");
      }
      expect(readdirSync(outside).toSorted()).toEqual(["file", "passwd"]);
    } finally {
      await engine.call("DELETE", `/volumes/${volume}?force=1`);
      await engine.call("DELETE", `/images/${repo}:links?force=1`);
    }
  });

  test("a volume is filled from the image's directory, not from where a link of the image leads outside", async () => {
    const volume = uniqueName("filled");
    try {
      const script = `mkdir /data; ln -s ${outside} /data/link; mkdir -p ${outside}; echo inside >${outside}/file; ln -s ${outside} /whole; exec sleep 600`;
      await withContainer({ Cmd: ["sh", "-c", script] }, async (id) => {
        await exec(id, ["sh", "-c", "until [ -L /whole ]; do sleep 0.02; done"]);
        await engine.call("POST", `/commit?container=${id}&repo=${repo}&tag=links`);
      });
      const text = await output({ Image: `${repo}:links`, Cmd: ["sh", "-c", "ls /whole/; cat /whole/file"], HostConfig: { Binds: [`${volume}:/whole`] } });
      expect(text).toBe("file\ninside\n");
      expect(readdirSync(outside).toSorted()).toEqual(["file", "passwd"]);
    } finally {
      await engine.call("DELETE", `/volumes/${volume}?force=1`);
      await engine.call("DELETE", `/images/${repo}:links?force=1`);
    }
  });

  // Docker waits for ever
  test.skipIf(isElsewhere)("files that stop whoever reads them: a FIFO for /etc/passwd", () =>
    withContainer({ Cmd: ["sh", "-c", "rm /etc/passwd; mkfifo /etc/passwd; exec sleep 600"] }, async (id) => {
      await exec(id, ["sh", "-c", "until [ -p /etc/passwd ]; do sleep 0.02; done"], { User: "0:0" });
      const answers = await Promise.race([exec(id, ["id", "-u"], { User: "user" }), new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20_000))]);
      expect(answers).toBeDefined();
      expect(answers?.text).not.toContain("1000");
    }));
});
