// The user of a container's processes, looked up in the container's own passwd and group files.
import type { ContainerRow } from "../../store/store.ts";
import type { Engine } from "../engine.ts";
import { lookUpUser, type ProcessUser } from "./user-lookup.ts";

const MAX_FILE_BYTES = 4 * 1024 * 1024;

export async function containerUser({ store }: Pick<Engine, "store">, row: ContainerRow, spec: string): Promise<ProcessUser> {
  const read = async (path: string): Promise<string | undefined> => {
    const bytes = await store.layers.readFile(row.directory, row.diffIds, path, MAX_FILE_BYTES);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
  };
  const [passwd, group] = await Promise.all([read("/etc/passwd"), read("/etc/group")]);
  return lookUpUser(spec, { passwd, group }, row.hostConfig.GroupAdd ?? []);
}
