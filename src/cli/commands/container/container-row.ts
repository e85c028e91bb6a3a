// One line of `ps`, also the containers of `system df -v`.
import type { Listing } from "../../format.ts";
import { labelsText, shortId } from "../../short-id.ts";
import { ellipsis } from "../../table.ts";
import { Row } from "../../template/value.ts";
import { ageOf, goTime } from "../../time-text.ts";
import { humanSize } from "../../units.ts";
import { portsText, type PortSummary } from "./port-text.ts";

export interface ContainerSummary {
  Id: string;
  Names?: string[] | null;
  Image: string;
  ImageID: string;
  Command: string;
  Created: number;
  Ports?: PortSummary[] | null;
  SizeRw?: number;
  SizeRootFs?: number;
  Labels?: Record<string, string> | null;
  State: string;
  Status: string;
  HostConfig?: { NetworkMode?: string };
  NetworkSettings?: { Networks?: Record<string, unknown> | null } | null;
  Mounts?: { Type?: string; Name?: string; Source?: string; Destination?: string; Driver?: string }[] | null;
  ImageManifestDescriptor?: { platform?: { os: string; architecture: string; variant?: string } };
}

const TABLE = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

export function containerListing(size: boolean): Listing {
  return {
    headers: {
      ID: "CONTAINER ID", Image: "IMAGE", Command: "COMMAND", CreatedAt: "CREATED AT", RunningFor: "CREATED", Ports: "PORTS", State: "STATE", Status: "STATUS",
      Size: "SIZE", Names: "NAMES", Labels: "LABELS", Mounts: "MOUNTS", LocalVolumes: "LOCAL VOLUMES", Networks: "NETWORKS", Platform: "PLATFORM",
    },
    table: size ? `${TABLE}\t{{.Size}}` : TABLE,
    raw:
      "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\n" +
      `names: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n${size ? "size: {{.Size}}\n" : ""}`,
    quiet: "{{.ID}}",
  };
}

export function containerRow(container: ContainerSummary, truncate: boolean, nowMs = Date.now()): Row {
  const networks = () => Object.keys(container.NetworkSettings?.Networks ?? {}).toSorted().join(",");
  return new Row(
    "*formatter.ContainerContext",
    {
      ID: () => (truncate ? shortId(container.Id) : container.Id),
      Names: () => namesText(container.Names ?? [], truncate),
      Image: () => imageText(container, truncate),
      Command: () => JSON.stringify(truncate ? ellipsis(container.Command, 20) : container.Command),
      CreatedAt: () => goTime(new Date(container.Created * 1000)),
      RunningFor: () => ageOf(container.Created, nowMs),
      Ports: () => portsText(container.Ports ?? []),
      State: () => container.State,
      Status: () => container.Status,
      Size: () => sizeText(container),
      Labels: () => labelsText(container.Labels),
      Mounts: () => (container.Mounts ?? []).map((mount) => mount.Name || mount.Source || "").map((name) => (truncate ? ellipsis(name, 15) : name)).join(","),
      LocalVolumes: () => String((container.Mounts ?? []).filter((mount) => mount.Driver === "local").length),
      Networks: networks,
      Platform: () => container.ImageManifestDescriptor?.platform ?? null,
    },
    { Label: (name) => container.Labels?.[name] ?? "" },
  );
}

function namesText(names: readonly string[], truncate: boolean): string {
  const own = names.map((name) => (name.startsWith("/") ? name.slice(1) : name));
  return (truncate ? own.filter((name) => !name.includes("/")) : own).join(",");
}

/** The name it was made from, without a digest; the short ID when that is all there is. */
function imageText({ Image, ImageID }: ContainerSummary, truncate: boolean): string {
  if (Image === "") return "<no image>";
  if (!truncate) return Image;
  const short = shortId(ImageID);
  if (short !== "" && short === shortId(Image)) return short;
  const at = Image.indexOf("@");
  if (at > 0) return Image.slice(0, at).replace(/^docker\.io\/(library\/)?/, "");
  return Image;
}

function sizeText({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = humanSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${humanSize(SizeRootFs, 3)})` : own;
}
