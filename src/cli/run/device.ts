// --device host[:container][:permissions]; CDI names are requests to a driver.
import type { DeviceMapping } from "../../wire/docker.ts";
import { failure } from "../failure.ts";

export function isCdiName(text: string): boolean {
  return /^[A-Za-z][\w.-]*[A-Za-z0-9]\/[A-Za-z][\w-]*=[A-Za-z0-9][\w.:-]*$/.test(text);
}

export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(":");
  if (text === "") throw failure("bad format for path: ");
  if (parts.length > 3) throw failure(`bad format for path: ${text}`);
  const [host = ""] = parts;
  const second = parts[1];
  const permissions = parts[2] ?? (parts.length === 2 && isDeviceMode(second!) ? second : undefined);
  const target = parts.length === 3 || (parts.length === 2 && permissions === undefined) ? second! : host;
  if (parts.length === 3 && !isDeviceMode(parts[2]!)) throw failure(`bad mode specified: ${parts[2]}`);
  if (!target.startsWith("/")) throw failure(`${target} is not an absolute path`);
  return { PathOnHost: host, PathInContainer: target, CgroupPermissions: permissions ?? "rwm" };
}

function isDeviceMode(text: string): boolean {
  return text !== "" && /^[rwm]+$/.test(text) && new Set(text).size === text.length;
}
