// Mounts as the API shows them.
import type { MountRow } from "../../store/store.ts";
import type { MountPoint } from "../../wire/docker.ts";

export function shownMounts(mounts: readonly MountRow[]): MountPoint[] {
  return mounts.map(({ Type, Name, Source, Destination, Driver, Mode, RW, Propagation }) => ({
    Type,
    ...(Name === undefined ? {} : { Name }),
    Source,
    Destination,
    ...(Driver === undefined ? {} : { Driver }),
    Mode,
    RW,
    Propagation,
  }));
}
