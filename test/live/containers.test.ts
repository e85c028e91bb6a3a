// What is asked of a container, seen from inside it and from the machine, with each of the runtimes.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../src/runtime/runtime-choice.ts";
import { type CrashLab, ENDS_AS_7, openCrashLab } from "../support/crash-lab.ts";
import { isRoot } from "../support/free-network.ts";
import { cgroupParent, cgroupParents } from "../support/machine-traces.ts";
import { poll } from "../support/poll.ts";

const MIB = 1 << 20;
const REMOVES_FOR_EVER = "import os, sys, time\nwhile True:\n  time.sleep(0.004)\n  for path in sys.argv[1:]:\n    try: os.rmdir(path)\n    except OSError: pass";

describe.each(["crun", "runc"])("%s", (runtime) => {
  const canRun = isRoot && findProgram(runtime) !== undefined;
  let lab: CrashLab;
  beforeAll(async () => {
    if (canRun) lab = await openCrashLab({ flags: ["--default-runtime", runtime], changes: [] });
  });
  afterEach(async () => {
    if (canRun) await lab.leavesNothing();
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  /** Runs it to its end; what it wrote. */
  const output = async (Cmd: string[], more: object = {}): Promise<string> => {
    const { HostConfig = {}, ...config } = more as { HostConfig?: object };
    await lab.run("out", { Cmd, ...config, HostConfig: { NetworkMode: "none", ...HostConfig } });
    await lab.ok("POST", "/containers/out/wait");
    const text = await lab.logs("out");
    await lab.ok("DELETE", "/containers/out?v=1");
    return text;
  };
  /** Both streams as one: in which order two pipes are read is nobody's promise. */
  const sh = (script: string, more: object = {}): Promise<string> => output(["sh", "-c", `exec 2>&1; ${script}`], more);
  const running = (name: string, more: object = {}): Promise<string> => lab.run(name, more);
  /** A value of the container's control group: where version 1 has it, where version 2 has it. */
  const group = (id: string, controller: string, v1: string, v2: string): string => {
    const places = [join("/sys/fs/cgroup", controller, cgroupParent(lab.daemon), id, v1), join("/sys/fs/cgroup", cgroupParent(lab.daemon), id, v2)];
    return readFileSync(places.find(existsSync) ?? "", "utf8").trim();
  };

  test.skipIf(!canRun)("is what the engine says it runs", async () => {
    const info = (await lab.ok("GET", "/info")).json() as { DefaultRuntime: string; Runtimes: Record<string, object> };
    expect(info.DefaultRuntime).toBe(runtime);
    expect(Object.keys(info.Runtimes)).toContain(runtime);
    await running("cc");
    expect((await lab.inspect("cc")).HostConfig["Runtime"]).toBe(runtime);
  });

  test.skipIf(!canRun)("starts while others take its cgroup's empty parent away", async () => {
    const parent = `${cgroupParent(lab.daemon)}/shared`;
    const directories = cgroupParents(lab.daemon).map((path) => join(path, "shared"));
    const others = spawn("python3", ["-c", REMOVES_FOR_EVER, ...directories]);
    try {
      for (let times = 0; times < 25; times++) expect(await output(["echo", "here"], { HostConfig: { CgroupParent: parent } })).toBe("here\n");
    } finally {
      others.kill("SIGKILL");
    }
    for (const path of directories) if (existsSync(path)) rmdirSync(path);
  });

  test.skipIf(!canRun)("limits stand in its control group, and change there", async () => {
    const id = await running("cc", { HostConfig: { Memory: 64 * MIB, MemorySwap: 64 * MIB, NanoCpus: 500_000_000, PidsLimit: 20, CpusetCpus: "0", CpuShares: 512 } });
    expect(group(id, "memory", "memory.limit_in_bytes", "memory.max")).toBe(String(64 * MIB));
    expect(group(id, "cpu", "cpu.cfs_quota_us", "cpu.max")).toStartWith("50000");
    expect(group(id, "pids", "pids.max", "pids.max")).toBe("20");
    expect(group(id, "cpuset", "cpuset.cpus", "cpuset.cpus")).toBe("0");
    await lab.ok("POST", "/containers/cc/update", { Memory: 48 * MIB, MemorySwap: 48 * MIB, PidsLimit: 30 });
    expect(group(id, "memory", "memory.limit_in_bytes", "memory.max")).toBe(String(48 * MIB));
    expect(group(id, "pids", "pids.max", "pids.max")).toBe("30");
    await lab.ok("POST", "/containers/cc/restart?t=0");
    expect(group(id, "memory", "memory.limit_in_bytes", "memory.max")).toBe(String(48 * MIB));
  });

  test.skipIf(!canRun)("what takes too much memory is killed, and that is told", async () => {
    await lab.run("cc", { Cmd: ["tail", "/dev/zero"], HostConfig: { Memory: 8 * MIB, MemorySwap: 8 * MIB, NetworkMode: "none" } });
    await lab.ok("POST", "/containers/cc/wait");
    expect((await lab.inspect("cc")).State).toMatchObject({ OOMKilled: true, ExitCode: 137, Status: "exited" });
    await poll("the event", async () => (await lab.actions("cc")).includes("oom"));
  });

  test.skipIf(!canRun)("processes and processor time are limited", async () => {
    expect(await sh("for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait", { HostConfig: { PidsLimit: 5 } })).toContain("can't fork");
    await lab.run("busy", { Cmd: ["sh", "-c", "while :; do :; done"], HostConfig: { NanoCpus: 100_000_000, NetworkMode: "none" } });
    type Stats = { cpu_stats: { throttling_data: { throttled_periods: number } } };
    await poll("it is held back", async () => ((await lab.ok("GET", "/containers/busy/stats?stream=0&one-shot=1")).json() as Stats).cpu_stats.throttling_data.throttled_periods > 2);
  });

  test.skipIf(!canRun)("ulimits, scores, sysctls and shared memory", async () => {
    const HostConfig = { Ulimits: [{ Name: "nofile", Soft: 100, Hard: 200 }], OomScoreAdj: 300, ShmSize: 16 * MIB, Sysctls: { "net.ipv4.ip_default_ttl": "77" } };
    const seen = await sh("ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; cat /proc/sys/net/ipv4/ip_default_ttl; df -k /dev/shm | tail -1 | awk '{print $2}'", { HostConfig });
    expect(seen.trim().split("\n")).toEqual(["100", "200", "300", "77", "16384"]);
  });

  test.skipIf(!canRun)("a root that is read only, and a tmpfs that is not", async () => {
    const HostConfig = { ReadonlyRootfs: true, Tmpfs: { "/t": "size=1m,mode=1770,uid=1000" } };
    const seen = await sh("echo x >/file || echo refused; echo y >/t/file && cat /t/file; df -k /t | tail -1 | awk '{print $2}'; stat -c '%a %u' /t", { HostConfig });
    expect(seen).toContain("Read-only file system");
    expect(seen.split("\n").slice(-5)).toEqual(["refused", "y", "1024", "1770 1000", ""]);
  });

  test.skipIf(!canRun)("devices that are given can be used, others not", async () => {
    // nothing drives it: what may open it hears that
    const device = join(lab.daemon.directory, "device");
    execFileSync("mknod", [device, "c", "240", "99"]);
    const HostConfig = { Devices: [{ PathOnHost: device, PathInContainer: "/dev/given", CgroupPermissions: "r" }] };
    const seen = await sh("(: </dev/given); (: >/dev/given); mknod /dev/loop0 b 7 0 && head -c 1 /dev/loop0", { HostConfig });
    expect(seen).toContain("can't open /dev/given: No such device or address\n");
    expect(seen).toContain("can't create /dev/given: Operation not permitted\n");
    expect(seen).toContain("/dev/loop0: Operation not permitted\n");
  });

  test.skipIf(!canRun)("users and groups are looked up in the image", async () => {
    for (const [User, expected] of [
      ["", "uid=0(root) gid=0(root) groups=0(root) /root"],
      ["user", "uid=1000(user) gid=1000(user) groups=1000(user),2000(extra) /home/user"],
      ["user:extra", "uid=1000(user) gid=2000(extra) groups=2000(extra) /home/user"],
      ["1234:5678", "uid=1234 gid=5678 groups=5678 /"],
    ] as const) expect((await sh('echo "$(id) $HOME"', { User })).trim()).toBe(expected);
    expect(await sh("id -G", { User: "user", HostConfig: { GroupAdd: ["4444"] } })).toContain("4444");
    await lab.create("nobody", { User: "nosuch", HostConfig: { NetworkMode: "none" } });
    const refused = await lab.daemon.call("POST", "/containers/nobody/start");
    expect(refused.text).toContain("unable to find user nosuch: no matching entries in passwd file");
  });

  test.skipIf(!canRun)("an init takes in what is orphaned, and passes signals on", async () => {
    await running("cc", { HostConfig: { Init: true, NetworkMode: "none" } });
    expect(await lab.exec("cc", ["sh", "-c", "tr '\\0' ' ' </proc/1/cmdline"])).toMatch(/init/);
    await lab.exec("cc", ["sh", "-c", "(sleep 0.05 &) ; exit 0"]);
    await poll("no zombie stays", async () => !/ Z /.test(await lab.exec("cc", ["ps", "-o", "pid,stat,comm"])) );
    await lab.ok("POST", "/containers/cc/stop");
    expect((await lab.inspect("cc")).State.ExitCode).toBe(7);
  });

  test.skipIf(!canRun)("a terminal has the size that it is given", async () => {
    await lab.run("cc", { Cmd: ["sh", "-c", "trap 'stty size' WINCH; stty size; while :; do sleep 0.02; done"], Tty: true, HostConfig: { ConsoleSize: [11, 22], NetworkMode: "none" } });
    await poll("its first size", async () => (await lab.logs("cc")).includes("11 22"));
    await lab.ok("POST", "/containers/cc/resize?h=33&w=77");
    await poll("its new size", async () => (await lab.logs("cc")).includes("33 77"));
    expect(await lab.exec("cc", ["sh", "-c", "readlink /proc/1/fd/0"])).toContain("/dev/");
  });

  test.skipIf(!canRun)("health is looked at, and told", async () => {
    type Health = { Status: string; FailingStreak: number; Log: { ExitCode: number; Output: string }[] };
    const health = async (): Promise<Health> => ((await lab.inspect("cc")).State as unknown as { Health: Health }).Health;
    await running("cc", { Healthcheck: { Test: ["CMD-SHELL", "echo looked; test -e /tmp/well"], Interval: 50_000_000, Retries: 2 }, HostConfig: { NetworkMode: "none" } });
    await poll("it is unhealthy", async () => (await health()).Status === "unhealthy");
    expect(await health()).toMatchObject({ Log: expect.arrayContaining([expect.objectContaining({ ExitCode: 1, Output: "looked\n" })]) });
    expect((await health()).FailingStreak).toBeGreaterThanOrEqual(2);
    await lab.exec("cc", ["touch", "/tmp/well"]);
    await poll("it is healthy", async () => (await health()).Status === "healthy");
    expect((await lab.actions("cc")).filter((action) => action.startsWith("health_status"))).toEqual(["health_status: unhealthy", "health_status: healthy"]);
  });

  test.skipIf(!canRun)("what ends by itself starts again, later each time", async () => {
    const id = await lab.run("cc", { Cmd: ["false"], HostConfig: { RestartPolicy: { Name: "always" }, NetworkMode: "none" } });
    await poll("it has started four times", async () => (await lab.inspect("cc")).RestartCount >= 3 && (await lab.actions("cc")).filter((action) => action === "start").length >= 4);
    const filters = encodeURIComponent(JSON.stringify({ container: [id], event: ["start", "die"] }));
    const { text } = await lab.ok("GET", `/events?since=1&until=${Math.ceil(Date.now() / 1000) + 1}&filters=${filters}`);
    const events = text.trim().split("\n").map((line) => JSON.parse(line) as { Action: string; timeNano: number });
    const pauses = events.flatMap(({ Action, timeNano }, index) => (Action === "die" && events[index + 1] !== undefined ? [((events[index + 1]?.timeNano ?? 0) - timeNano) / 1e6] : []));
    for (const [index, leastMs] of [100, 200, 400].entries()) expect(pauses[index] ?? 0).toBeGreaterThan(leastMs * 0.9);
    await lab.ok("POST", "/containers/cc/stop");
    expect((await lab.inspect("cc")).State).toMatchObject({ Status: "exited" });
  });

  test.skipIf(!canRun)("stop asks first, in the way the container wants it, and kills then", async () => {
    await lab.run("deaf", { Cmd: ["sh", "-c", "trap '' TERM; echo begin; while :; do sleep 0.05; done"], HostConfig: { NetworkMode: "none" } });
    await poll("it has begun", async () => (await lab.logs("deaf")).includes("begin"));
    const startedMs = Date.now();
    await lab.ok("POST", "/containers/deaf/stop?t=1");
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1000);
    expect((await lab.inspect("deaf")).State).toMatchObject({ ExitCode: 137, OOMKilled: false });
    await lab.run("usr", { Cmd: ["sh", "-c", "trap 'exit 9' USR1; echo begin; while :; do sleep 0.05; done"], StopSignal: "SIGUSR1", HostConfig: { NetworkMode: "none" } });
    await poll("it has begun", async () => (await lab.logs("usr")).includes("begin"));
    await lab.ok("POST", "/containers/usr/stop");
    expect((await lab.inspect("usr")).State.ExitCode).toBe(9);
  });

  test.skipIf(!canRun)("namespaces of another container", async () => {
    await running("host", { HostConfig: { IpcMode: "shareable" } });
    await lab.exec("host", ["sh", "-c", "echo shared >/dev/shm/file"]);
    await lab.run("guest", { Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "container:host", PidMode: "container:host", IpcMode: "container:host" } });
    const both = (command: string[]): Promise<string[]> => Promise.all(["host", "guest"].map((name) => lab.exec(name, command)));
    for (const what of ["net", "pid", "ipc"]) {
      const [one, other] = await both(["readlink", `/proc/self/ns/${what}`]);
      expect(other).toBe(one ?? "");
    }
    const [one, other] = await both(["readlink", "/proc/self/ns/mnt"]);
    expect(other).not.toBe(one ?? "");
    expect(await lab.exec("guest", ["cat", "/dev/shm/file"])).toBe("shared\n");
    expect(await lab.exec("guest", ["hostname"])).toBe(await lab.exec("host", ["hostname"]));
    expect(await lab.exec("guest", ["ps", "-o", "args"])).toContain(ENDS_AS_7[2] ?? "");
    // the guest cannot go on without what it lives in
    await lab.ok("POST", "/containers/host/stop");
    await poll("the guest has ended too", async () => (await lab.status("guest")) === "exited");
    const refused = await lab.daemon.call("POST", "/containers/guest/start");
    expect(refused.text).toContain("cannot join network namespace of a non running container");
  });

  test.skipIf(!canRun)("commands that cannot be run", async () => {
    for (const [command, code] of [["/nosuch", 127], ["/etc/passwd", 126]] as const) {
      const id = await lab.create("bad", { Cmd: [command], HostConfig: { NetworkMode: "none" } });
      expect((await lab.daemon.call("POST", `/containers/${id}/start`)).status).toBe(400);
      expect((await lab.inspect("bad")).State).toMatchObject({ ExitCode: code, Status: "created" });
      await lab.ok("DELETE", `/containers/${id}`);
    }
    await running("cc", { HostConfig: { NetworkMode: "none" } });
    expect(await lab.exec("cc", ["/nosuch"]).catch(String)).toContain("/nosuch");
    expect(await lab.exec("cc", ["echo", "well"])).toBe("well\n");
  });
});
