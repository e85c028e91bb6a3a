// --blkio-weight-device PATH:WEIGHT and --device-{read,write}-{bps,iops} PATH:RATE.
import { failure } from "../failure.ts";
import { parseRamBytes } from "../units.ts";

export function parseWeightDevice(text: string): { Path: string; Weight: number } {
  const [path, weight] = split(text);
  if (!/^\d+$/.test(weight) || Number(weight) > 65_535) throw failure(`invalid weight for device: ${text}`);
  if (Number(weight) > 0 && (Number(weight) < 10 || Number(weight) > 1000)) throw failure(`invalid weight for device: ${text}`);
  return { Path: path, Weight: Number(weight) };
}

export function parseDeviceRate(text: string, kind: "bps" | "iops"): { Path: string; Rate: number } {
  const [path, rate] = split(text);
  if (kind === "iops") {
    if (!/^\d+$/.test(rate)) throw failure(`invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`);
    return { Path: path, Rate: Number(rate) };
  }
  try {
    return { Path: path, Rate: parseRamBytes(rate) };
  } catch {
    throw failure(`invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`);
  }
}

function split(text: string): [string, string] {
  const colon = text.indexOf(":");
  const path = text.slice(0, colon);
  if (colon <= 0) throw failure(`bad format: ${text}`);
  if (!path.startsWith("/dev/")) throw failure(`bad format for device path: ${text}`);
  return [path, text.slice(colon + 1)];
}
