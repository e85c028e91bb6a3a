// `images --tree`: each image with its names, its platforms below it, what it takes on the disk, and whether it is in use.
import { shortId } from "../../short-id.ts";
import { humanSize } from "../../units.ts";
import { namesOfImage, type ImageSummary } from "./image-row.ts";

interface ManifestSummary {
  ID: string;
  Available: boolean;
  Kind: string;
  Size: { Content: number; Total: number };
  ImageData?: { Platform: { os: string; architecture: string; variant?: string }; Containers?: string[] | null; Size?: { Unpacked: number } };
}

interface TreeLine {
  readonly name: string;
  readonly id: string;
  readonly usage: string;
  readonly content: string;
  readonly inUse: boolean;
}

export function imageTree(images: readonly ImageSummary[], { columns, bold }: { columns: number; bold: boolean }): string {
  const blocks = images.map(linesOf);
  const lines = blocks.flat();
  const nameWidth = Math.max(24, ...lines.map((line) => line.name.length)) + 2;
  const row = (cells: readonly string[], name: string) => `${name.padEnd(nameWidth)}${cells[0]!.padEnd(12)}   ${cells[1]!.padStart(10)}   ${cells[2]!.padStart(12)}   ${cells[3]!}`.trimEnd();
  const head = row(["ID", "DISK USAGE", "CONTENT SIZE", "EXTRA"], "IMAGE");
  const legend = "Info ->  U In Use".padStart(Math.min(columns, Math.max(head.length, 40)));
  const body = blocks.map((block) => block.map((line) => (line.id === "" ? line.name : row([line.id, line.usage, line.content, line.inUse ? "U" : ""], line.name))).join("\n"));
  const title = bold ? `\x1b[1m${head}\x1b[0m` : head;
  return `${legend}\n\n${title}\n${body.map((block) => `${block}\n`).join("")}`;
}

function linesOf(image: ImageSummary): TreeLine[] {
  const names = namesOfImage(image, false).map(({ repository, tag }) => (repository === "<none>" ? "<untagged>" : tag === "<none>" ? repository : `${repository}:${tag}`));
  const manifests = ((image as { Manifests?: ManifestSummary[] | null }).Manifests ?? []).filter((manifest) => manifest.Kind === "image");
  const content = manifests.reduce((sum, manifest) => sum + manifest.Size.Content, 0);
  const top: TreeLine[] = names.map((name, index) =>
    index === 0 ? { name, id: shortId(image.Id), usage: humanSize(image.Size, 3), content: humanSize(content, 3), inUse: image.Containers > 0 } : { name, id: "", usage: "", content: "", inUse: false },
  );
  return [...top, ...manifests.map((manifest, index) => platformLine(manifest, index === manifests.length - 1))];
}

function platformLine(manifest: ManifestSummary, last: boolean): TreeLine {
  const { os, architecture, variant } = manifest.ImageData?.Platform ?? { os: "unknown", architecture: "unknown" };
  const platform = [os, architecture, variant].filter(Boolean).join("/");
  return {
    name: `${last ? "└─" : "├─"} ${platform}`,
    id: shortId(manifest.ID),
    usage: humanSize(manifest.Size.Total, 3),
    content: humanSize(manifest.Size.Content, 3),
    inUse: (manifest.ImageData?.Containers ?? []).length > 0,
  };
}
