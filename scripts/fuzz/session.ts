// A daemon to be fuzzed, with an image and a container to talk about; counts what it has before and after.
import { importBase } from "../../test/contract/imported-image.ts";
import type { TestDaemon } from "../../test/support/daemon.ts";
import { openFilesOf, residentMb } from "../soak/sample.ts";
import { validCreate } from "./requests.ts";
import { fuzz, type FuzzReport } from "./run.ts";

export interface FuzzOutcome extends FuzzReport {
  /** The daemon's memory, MB, and its open files: after each twentieth of the requests, and at the end. */
  rssMb: number[];
  openFiles: number[];
  /** Lines of the daemon's log that call something a bug. */
  bugs: string[];
  left: { containers: number; volumes: number; networks: number; images: number };
}

const IMAGE = "fuzz:1";
const PARTS = 20;

export async function fuzzDaemon(daemon: TestDaemon, seed: number, count: number, onProgress?: (done: number) => void): Promise<FuzzOutcome> {
  await importBase(daemon.socket, { repo: "fuzz", tag: "1" });
  const whole = await daemon.call("POST", "/containers/create", validCreate(IMAGE));
  if (whole.status !== 201) throw new Error(`the body that is to be changed is refused as it is: ${whole.text}`);
  const [memory, files]: [number[], number[]] = [[], []];
  const measure = (): void => {
    memory.push(Math.round(residentMb(daemon.pid)));
    files.push(openFilesOf(daemon.pid));
  };
  const report = await fuzz({
    socket: daemon.socket,
    seed,
    count,
    known: { image: IMAGE, container: "fuzzed" },
    refresh: () => refresh(daemon),
    onProgress(done) {
      if (done >= (count / PARTS) * (memory.length + 1)) measure();
      onProgress?.(done);
    },
  });
  await tidy(daemon);
  // connections that were cut and processes that ended are seen off; a creation whose client did not wait may come to its end only now
  await new Promise((resolve) => setTimeout(resolve, count > 10_000 ? 10_000 : 0));
  const refusals = await tidy(daemon);
  report.faults.push(...refusals);
  const { Images, Containers, Volumes } = (await daemon.call("GET", "/system/df")).json() as Record<string, unknown[]>;
  const networks = (await daemon.call("GET", "/networks")).json() as unknown[];
  measure();
  return {
    ...report,
    rssMb: memory,
    openFiles: files,
    bugs: [...new Set(daemon.log().split("\n").filter((line) => / bug/.test(line)).map((line) => line.slice(25, 600)))],
    left: { containers: Containers?.length ?? -1, volumes: Volumes?.length ?? -1, networks: networks.length - 3, images: (Images?.length ?? 0) - 1 },
  };
}

async function refresh(daemon: TestDaemon): Promise<void> {
  await tidy(daemon);
  const made = await daemon.call("POST", "/containers/create?name=fuzzed", { Image: IMAGE, Cmd: ["sleep", "100000"], HostConfig: { NetworkMode: "none" } });
  if (made.status !== 201) throw new Error(`cannot make the container: ${made.text}`);
  await daemon.call("POST", "/containers/fuzzed/start");
}

/** Resolves to what could not be removed, and why. */
async function tidy(daemon: TestDaemon): Promise<string[]> {
  const refusals: string[] = [];
  const remove = async (path: string): Promise<void> => {
    const { status, text } = await daemon.call("DELETE", path);
    if (status >= 400 && status !== 404) refusals.push(`DELETE ${path.slice(0, 200)} ${status} ${text.slice(0, 400)}`);
  };
  const containers = (await daemon.call("GET", "/containers/json?all=1")).json() as { Id: string }[];
  for (const { Id } of containers) await remove(`/containers/${Id}?force=1&v=1`);
  const { Volumes } = (await daemon.call("GET", "/volumes")).json() as { Volumes: { Name: string }[] };
  for (const { Name } of Volumes) await remove(`/volumes/${encodeURIComponent(Name)}?force=1`);
  const networks = (await daemon.call("GET", "/networks")).json() as { Id: string; Name: string }[];
  for (const { Id, Name } of networks) if (!["bridge", "host", "none"].includes(Name)) await remove(`/networks/${Id}`);
  const images = (await daemon.call("GET", "/images/json")).json() as { Id: string; RepoTags: string[] }[];
  for (const { Id, RepoTags } of images) {
    if (!RepoTags.includes(IMAGE)) await remove(`/images/${Id}?force=1`);
    else for (const tag of RepoTags) if (tag !== IMAGE) await remove(`/images/${tag}`);
  }
  return refusals;
}
