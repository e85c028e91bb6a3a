// The daemon is killed at every named point of a container's life: after the next start the state is right, nothing is
// left of what was half made, and no container is lost or there twice.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FAILPOINTS, type Failpoint } from "../../src/base/failpoint.ts";
import { type CrashLab, openCrashLab } from "../support/crash-lab.ts";
import { isRoot } from "../support/free-network.ts";
import { poll } from "../support/poll.ts";

let lab: CrashLab;
const passed = new Set<Failpoint>();

beforeAll(async () => {
  if (isRoot) lab = await openCrashLab();
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

/** Kills at the point, then whatever `after` looks at, then nothing is left. */
function crash(point: Failpoint, what: string, steps: { before?: () => Promise<unknown>; work: () => Promise<unknown>; after: () => Promise<unknown> }): void {
  passed.add(point);
  test(`${point}: ${what}`, async () => {
    try {
      await steps.before?.();
      await lab.crashAt(point, steps.work);
      await steps.after();
    } finally {
      await lab.leavesNothing();
    }
  });
}

const published = { ExposedPorts: { "80/tcp": {} }, HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } } };
const policy = (Name: string, MaximumRetryCount = 0): object => ({ HostConfig: { RestartPolicy: { Name, MaximumRetryCount } } });
const term = (): Promise<unknown> => lab.ok("POST", "/containers/cc/kill?signal=TERM");

describe.skipIf(!isRoot)("a daemon that is killed", () => {
  for (const point of ["create:after-layer", "create:after-volumes", "create:after-row", "create:after-fill"] as const) {
    crash(point, "there is no half made container, and it can be made", {
      work: () => lab.create("cc"),
      async after() {
        expect(await lab.exists("cc")).toBe(false);
        await lab.leavesNothing();
        await lab.run("cc");
        expect(await lab.status("cc")).toBe("running");
      },
    });
  }

  for (const point of ["start:after-mark", "start:after-network", "start:after-task", "start:after-process"] as const) {
    crash(point, "it has not been started, and can be", {
      before: () => lab.create("cc", published),
      work: () => lab.ok("POST", "/containers/cc/start"),
      async after() {
        const { State, NetworkSettings } = await lab.inspect("cc");
        expect(State).toMatchObject({ Status: "created", Running: false, Pid: 0, StartedAt: "0001-01-01T00:00:00Z" });
        expect(NetworkSettings.IPAddress).toBe("");
        await lab.ok("POST", "/containers/cc/start");
        expect(await lab.exec("cc", ["echo", "well"])).toBe("well\n");
      },
    });
  }

  crash("start:after-process", "one that had ended before is as it was", {
    before: async () => {
      await lab.run("cc");
      await term();
      await lab.ok("POST", "/containers/cc/wait");
    },
    work: () => lab.ok("POST", "/containers/cc/start"),
    after: async () => expect((await lab.inspect("cc")).State).toMatchObject({ Status: "exited", ExitCode: 7 }),
  });

  crash("start:after-task", "--rm: it goes", {
    before: () => lab.create("cc", { HostConfig: { AutoRemove: true } }),
    work: () => lab.ok("POST", "/containers/cc/start"),
    after: async () => expect(await lab.exists("cc")).toBe(false),
  });

  crash("start:after-row", "it runs on", {
    before: () => lab.create("cc", published),
    work: () => lab.ok("POST", "/containers/cc/start"),
    async after() {
      expect(await lab.status("cc")).toBe("running");
      expect(await lab.exec("cc", ["echo", "well"])).toBe("well\n");
      expect((await lab.actions("cc")).filter((action) => action === "start")).toHaveLength(1);
    },
  });

  for (const point of ["exit:before-row", "exit:after-row", "exit:after-cleanup", "exit:after-die"] as const) {
    crash(point, "its end is known, and told once", {
      before: () => lab.run("cc", published),
      work: term,
      async after() {
        await lab.ok("POST", "/containers/cc/wait");
        const { State } = await lab.inspect("cc");
        expect(State).toMatchObject({ Status: "exited", ExitCode: 7, Running: false, Pid: 0, Error: "" });
        expect(Date.now() - Date.parse(State.FinishedAt)).toBeLessThan(30_000);
        expect(Date.parse(State.FinishedAt)).toBeGreaterThanOrEqual(Date.parse(State.StartedAt));
        expect(await lab.logs("cc")).toBe("begin\nend\n");
        expect((await lab.actions("cc")).filter((action) => action === "die")).toHaveLength(1);
      },
    });
    crash(point, "--rm: it goes, with its volume", {
      before: () => lab.run("cc", { HostConfig: { AutoRemove: true } }),
      work: term,
      after: () => poll("it goes", async () => !(await lab.exists("cc"))),
    });
  }

  for (const point of ["exit:before-row", "exit:after-row", "exit:after-cleanup", "exit:after-die"] as const) {
    crash(point, "on-failure: it starts again once", {
      before: () => lab.run("cc", { Cmd: ["sh", "-c", "sleep 0.2; exit 3"], ...policy("on-failure", 1) }),
      work: () => lab.ok("POST", "/containers/cc/wait"),
      async after() {
        await poll("it has ended for good", async () => (await lab.status("cc")) === "exited");
        expect(await lab.inspect("cc")).toMatchObject({ RestartCount: 1, State: { ExitCode: 3 } });
        const actions = (await lab.actions("cc")).filter((action) => ["start", "die"].includes(action));
        expect(actions).toEqual(["start", "die", "start", "die"]);
      },
    });
  }

  test("a recovery that is killed as well is done by the next", async () => {
    try {
      await lab.run("cc", published);
      const { State } = await lab.inspect("cc");
      await lab.daemon.kill9();
      process.kill(State.Pid, "SIGTERM");
      await lab.crashInRecoveryAt(["exit:before-row", "exit:after-row", "exit:after-cleanup", "exit:after-die"]);
      await lab.ok("POST", "/containers/cc/wait");
      expect((await lab.inspect("cc")).State).toMatchObject({ Status: "exited", ExitCode: 7 });
      expect(await lab.logs("cc")).toBe("begin\nend\n");
      expect((await lab.actions("cc")).filter((action) => action === "die")).toHaveLength(1);
    } finally {
      await lab.leavesNothing();
    }
  });

  crash("stop:after-signal", "it stays stopped, whatever its policy", {
    before: () => lab.run("cc", policy("always")),
    work: () => lab.ok("POST", "/containers/cc/stop"),
    async after() {
      await poll("it has ended", async () => (await lab.status("cc")) === "exited");
      expect(await lab.inspect("cc")).toMatchObject({ RestartCount: 0, State: { ExitCode: 7 } });
    },
  });

  crash("restart:after-stop", "it has ended, and can be started", {
    before: () => lab.run("cc"),
    work: () => lab.ok("POST", "/containers/cc/restart"),
    async after() {
      expect((await lab.inspect("cc")).State).toMatchObject({ Status: "exited", ExitCode: 7 });
      await lab.ok("POST", "/containers/cc/start");
      expect(await lab.logs("cc")).toStartWith("begin\nend\n");
    },
  });

  crash("restart:after-stop", "--rm: it goes", {
    before: () => lab.run("cc", { HostConfig: { AutoRemove: true } }),
    work: () => lab.ok("POST", "/containers/cc/restart"),
    after: () => poll("it goes", async () => !(await lab.exists("cc"))),
  });

  crash("rm:after-kill", "it has ended, and can be removed", {
    before: () => lab.run("cc"),
    work: () => lab.ok("DELETE", "/containers/cc?force=1&v=1"),
    async after() {
      expect((await lab.inspect("cc")).State).toMatchObject({ Status: "exited", ExitCode: 137 });
      await lab.ok("DELETE", "/containers/cc?v=1");
    },
  });

  for (const point of ["rm:after-row", "rm:after-layer", "rm:after-volumes"] as const) {
    crash(point, "it is gone with all that it had", {
      before: () => lab.run("cc"),
      work: () => lab.ok("DELETE", "/containers/cc?force=1&v=1"),
      async after() {
        expect(await lab.exists("cc")).toBe(false);
        expect((await lab.ok("GET", "/containers/json?all=1")).json()).toEqual([]);
      },
    });
  }

  for (const point of ["exec:after-create", "exec:after-process"] as const) {
    crash(point, "the container runs on, and others can be executed", {
      before: () => lab.run("cc"),
      work: () => lab.exec("cc", ["sleep", "1000"]),
      async after() {
        expect(await lab.status("cc")).toBe("running");
        expect(await lab.exec("cc", ["echo", "well"])).toBe("well\n");
        await lab.ok("POST", "/containers/cc/stop");
        expect((await lab.inspect("cc")).State).toMatchObject({ ExitCode: 7 });
      },
    });
  }

  test("every point of a container's life was passed", () => {
    const missing = FAILPOINTS.filter((point) => !/^(image|collect|network):/.test(point) && !passed.has(point));
    expect(missing).toEqual([]);
  });
});
