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

const GAP = "   ";
const WARNING = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";

export interface TreeLook {
  columns: number;
  /** Signs of a terminal instead of plain ones. */
  terminal: boolean;
  colours: boolean;
}

const CODES = { title: "39;1", warning: "93", name: "34;1", plain: "39", badge: "1;106;30", info: "96", chip: "38;5;0;48;5;14" } as const;

export function imageTree(images: readonly ImageSummary[], { columns, terminal, colours }: TreeLook): string {
  const paint = (look: keyof typeof CODES, text: string): string => (colours && text !== "" ? text.replace(/\S(?:.*\S)?/, (shown) => `\x1b[${CODES[look]}m${shown}\x1b[0m`) : text);
  const blocks = images.map(linesOf);
  const nameWidth = nameWidthOf(blocks.flat(), columns);
  const row = (cells: readonly string[], look: keyof typeof CODES = "plain") =>
    [paint(look === "plain" ? "name" : look, cells[0]!.padEnd(nameWidth)), ...[cells[1]!.padEnd(12), cells[2]!.padStart(10), cells[3]!.padStart(12), cells[4]!.padEnd(5)].map((cell) => paint(look, cell))].join(GAP);
  const head = row(["IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "EXTRA"], "title").trimEnd();
  const body = blocks.flat().map((line) => `${line.id === "" ? paint("name", line.name) : row([line.name, line.id, line.usage, line.content, line.inUse ? "U" : ""])}\n`);
  const chip = colours ? `\x1b[${CODES.chip}m U \x1b[0m` : " U ";
  const legend = terminal ? `${" ".repeat(Math.max(0, columns - 21))}${paint("badge", "i")} ${paint("info", "Info →")}  ${chip} In Use ` : "Info ->  U In Use ".padStart(columns);
  return `${paint("warning", WARNING)}\n${legend}\n\n${head}\n${body.join("")}`;
}

/** As wide as the longest name; where the terminal is narrow, what the other columns leave. */
function nameWidthOf(lines: readonly TreeLine[], columns: number): number {
  const others = 12 + 10 + 12 + 5 + 4 * GAP.length;
  return Math.max(0, Math.min(columns - others, Math.max("IMAGE".length, ...lines.map((line) => line.name.length))));
}

function linesOf(image: ImageSummary): TreeLine[] {
  const names = namesOfImage(image, false).map(({ repository, tag }) => (repository === "<none>" ? "<untagged>" : tag === "<none>" ? repository : `${repository}:${tag}`));
  const manifests = ((image as { Manifests?: ManifestSummary[] | null }).Manifests ?? []).filter((manifest) => manifest.Kind === "image");
  const content = manifests.reduce((sum, manifest) => sum + manifest.Size.Content, 0);
  const top: TreeLine[] = names.map((name, index) =>
    index === names.length - 1 ? { name, id: shortId(image.Id), usage: humanSize(image.Size, 3), content: humanSize(content, 3), inUse: image.Containers > 0 } : { name, id: "", usage: "", content: "", inUse: false },
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
