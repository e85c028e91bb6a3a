// What a client does in one go: a life of a container, a volume, a network, an image, or somebody's passing look.
import { archiveImage, docker25 } from "../../test/support/archives.ts";
import { tarOf } from "../../test/support/tar-text.ts";
import { ask, create, execute, fault, listenAndLeave, remove, run, type SoakClient } from "./client.ts";

type Story = (client: SoakClient) => Promise<void>;

export const STORIES: Readonly<Record<string, Story>> = {
  async short(client) {
    const id = await run(client, { Cmd: ["sh", "-c", "echo hello; exit 3"], HostConfig: { NetworkMode: client.random.pick(["none", "bridge"]) } });
    if (id === undefined) return;
    const ended = await ask(client, "POST", `/containers/${id}/wait`);
    if (ended.status === 200 && ![3, 137].includes((ended.json() as { StatusCode: number }).StatusCode)) fault(client, `a short container ended as ${ended.text}`);
    const logs = await ask(client, "GET", `/containers/${id}/logs?stdout=1`);
    if (logs.status === 200 && (ended.json() as { StatusCode: number }).StatusCode === 3 && !logs.text.includes("hello")) fault(client, "a short container's log misses its line");
    await remove(client, id);
  },

  async removesItself(client) {
    const id = await run(client, { Cmd: ["true"], HostConfig: { AutoRemove: true, NetworkMode: "none" } });
    if (id !== undefined) await ask(client, "POST", `/containers/${id}/wait?condition=removed`);
  },

  async service(client) {
    const { random } = client;
    const id = await run(client, {
      Cmd: ["sh", "-c", "trap 'exit 0' TERM; while :; do echo tick; sleep 0.2; done"], Tty: random.chance(3), OpenStdin: random.chance(3), ExposedPorts: { "80/tcp": {} },
      HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] }, Memory: 32 << 20 },
    });
    if (id === undefined) return;
    for (let steps = 2 + random.below(5); steps > 0; steps--) await random.pick(SERVICE_STEPS)(client, id);
    if (random.chance(2)) await ask(client, "POST", `/containers/${id}/stop?t=${random.below(2)}`);
    await remove(client, id);
  },

  async restarts(client) {
    const id = await run(client, { Cmd: ["false"], HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 }, NetworkMode: "none" } });
    if (id === undefined) return;
    await ask(client, "POST", `/containers/${id}/wait`);
    await remove(client, id);
  },

  async checksHealth(client) {
    const id = await run(client, { Cmd: ["sleep", "30"], Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 200_000_000, Timeout: 5_000_000_000, Retries: 2 }, HostConfig: { NetworkMode: "none" } });
    if (id === undefined) return;
    await pause(client, 600);
    await ask(client, "GET", `/containers/${id}/json`);
    await remove(client, id);
  },

  async volume(client) {
    const name = `${client.name}-${client.random.below(1e9)}`;
    await ask(client, "POST", "/volumes/create", { Name: name });
    const id = await run(client, { Cmd: ["sh", "-c", "echo x >>/v/f"], HostConfig: { Binds: [`${name}:/v`], NetworkMode: "none" } });
    if (id !== undefined) await ask(client, "POST", `/containers/${id}/wait`);
    await ask(client, "GET", `/volumes/${name}`);
    await remove(client, id);
    await ask(client, "DELETE", `/volumes/${name}`);
  },

  async network(client) {
    const name = `${client.name}-${client.random.below(1e9)}`;
    const made = await ask(client, "POST", "/networks/create", { Name: name });
    if (made.status !== 201) return;
    const [one, two] = [await run(client, { Cmd: ["sleep", "30"], HostConfig: { NetworkMode: name } }), await run(client, { Cmd: ["sleep", "30"] })];
    if (two !== undefined) {
      await ask(client, "POST", `/networks/${name}/connect`, { Container: two });
      await execute(client, two, ["ip", "addr"]);
      await ask(client, "POST", `/networks/${name}/disconnect`, { Container: two, Force: true });
    }
    await ask(client, "GET", `/networks/${name}`);
    await remove(client, one);
    await remove(client, two);
    await ask(client, "DELETE", `/networks/${name}`);
  },

  async image(client) {
    const { random } = client;
    const repo = `${client.name}/i${random.below(1e6)}`;
    await ask(client, "POST", `/images/${client.image}/tag?repo=${repo}&tag=t`);
    await ask(client, "GET", `/images/${repo}:t/json`);
    await ask(client, "GET", `/images/${repo}:t/history`);
    const id = await run(client, { Cmd: ["sh", "-c", `echo ${random.below(1e9)} >/made`], HostConfig: { NetworkMode: "none" } });
    if (id !== undefined) {
      await ask(client, "POST", `/containers/${id}/wait`);
      await ask(client, "GET", `/containers/${id}/changes`);
      await ask(client, "POST", `/commit?container=${id}&repo=${repo}&tag=c`, {});
      await remove(client, id);
      await ask(client, "DELETE", `/images/${repo}:c`);
    }
    await ask(client, "DELETE", `/images/${repo}:t`);
  },

  async archives(client) {
    const name = `${client.name}/a${client.random.below(1e6)}`;
    const tar = (content: string): Buffer => tarOf([{ name: "file", content: `${name} ${content}` }]);
    await ask(client, "POST", `/images/create?fromSrc=-&repo=${name}&tag=imported`, tar("imported"));
    await ask(client, "POST", "/images/load?quiet=1", docker25([archiveImage([tar("low"), tar("high")], [`docker.io/${name}:loaded`])]));
    await ask(client, "GET", `/images/${name}:loaded/get`);
    for (const tag of ["imported", "loaded"]) await ask(client, "DELETE", `/images/${name}:${tag}`);
  },

  async copies(client) {
    const id = await create(client, { Cmd: ["true"], HostConfig: { NetworkMode: "none" } });
    if (id === undefined) return;
    await ask(client, "GET", `/containers/${id}/archive?path=/etc`);
    await ask(client, "HEAD", `/containers/${id}/archive?path=/etc/passwd`);
    await remove(client, id);
  },

  async looks(client) {
    await ask(client, "GET", "/containers/json?all=1&size=1");
    await ask(client, "GET", "/images/json");
    await ask(client, "GET", client.random.pick(["/system/df", "/info", "/version", "/networks", "/volumes"]));
  },

  async listens(client) {
    await listenAndLeave(client, "GET", "/events", 50 + client.random.below(500));
  },

  /** Nobody's container is its own. */
  async meddles(client) {
    const { random } = client;
    const list = await ask(client, "GET", "/containers/json?all=1");
    const found = list.status === 200 ? (list.json() as { Id: string }[]) : [];
    if (found.length === 0) return;
    const { Id } = random.pick(found);
    const [method, path] = random.pick([
      ["POST", `/containers/${Id}/stop?t=0`], ["POST", `/containers/${Id}/kill`], ["POST", `/containers/${Id}/restart?t=0`], ["DELETE", `/containers/${Id}?force=1`], ["POST", `/containers/${Id}/start`],
    ] as const);
    await ask(client, method, path);
  },
};

const SERVICE_STEPS: readonly ((client: SoakClient, id: string) => Promise<unknown>)[] = [
  (client, id) => execute(client, id, ["echo", "hi"], client.random.chance(2)),
  (client, id) => execute(client, id, ["sh", "-c", "exit 4"]),
  (client, id) => listenAndLeave(client, "GET", `/containers/${id}/logs?stdout=1&stderr=1&follow=1&tail=5`, 50 + client.random.below(600)),
  (client, id) => listenAndLeave(client, "POST", `/containers/${id}/attach?stream=1&stdout=1&stderr=1&stdin=1`, 50 + client.random.below(600), { upgrade: true }),
  (client, id) => listenAndLeave(client, "GET", `/containers/${id}/stats?stream=1`, 50 + client.random.below(1500)),
  (client, id) => ask(client, "GET", `/containers/${id}/stats?stream=0&one-shot=1`),
  (client, id) => ask(client, "GET", `/containers/${id}/top`),
  (client, id) => ask(client, "GET", `/containers/${id}/json?size=1`),
  (client, id) => ask(client, "POST", `/containers/${id}/restart?t=1`),
  (client, id) => ask(client, "POST", `/containers/${id}/update`, { Memory: 48 << 20, MemorySwap: 96 << 20 }),
  async (client, id) => {
    await ask(client, "POST", `/containers/${id}/pause`);
    await ask(client, "POST", `/containers/${id}/unpause`);
  },
  (client, id) => ask(client, "POST", `/containers/${id}/rename?name=${client.name}-${client.random.below(1e9)}`),
  (client, id) => ask(client, "GET", `/containers/${id}/archive?path=/etc/passwd`),
];

function pause(_client: SoakClient, ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
