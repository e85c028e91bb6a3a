// One line of `volume ls`, also the volumes of `system df -v`.
import type { Listing } from "../../format.ts";
import { labelsText } from "../../short-id.ts";
import { Row } from "../../template/value.ts";
import { humanSize } from "../../units.ts";

export interface VolumeSummary {
  Name: string;
  Driver: string;
  Scope: string;
  Mountpoint: string;
  CreatedAt?: string;
  Labels?: Record<string, string> | null;
  ClusterVolume?: unknown;
  UsageData?: { Size: number; RefCount: number } | null;
}

export const volumeListing: Listing = {
  headers: {
    Name: "VOLUME NAME", Driver: "DRIVER", Scope: "SCOPE", Availability: "AVAILABILITY", Mountpoint: "MOUNTPOINT", Labels: "LABELS", Links: "LINKS",
    Size: "SIZE", Group: "GROUP", Status: "STATUS",
  },
  table: "{{.Driver}}\t{{.Name}}",
  raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
  quiet: "{{.Name}}",
};

export function volumeRow(volume: VolumeSummary): Row {
  return new Row(
    "*formatter.volumeContext",
    {
      Name: () => volume.Name,
      Driver: () => volume.Driver,
      Scope: () => volume.Scope,
      Mountpoint: () => volume.Mountpoint,
      Labels: () => labelsText(volume.Labels),
      Links: () => (volume.UsageData ? String(volume.UsageData.RefCount) : "N/A"),
      Size: () => (volume.UsageData ? humanSize(volume.UsageData.Size) : "N/A"),
      Availability: () => "N/A",
      Group: () => "N/A",
      Status: () => "N/A",
    },
    { Label: (name) => volume.Labels?.[name] ?? "" },
  );
}
