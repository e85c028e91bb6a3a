// --gpus all | N | driver=…,count=…,device=…,capabilities=…,options=….
import { failure } from "../failure.ts";
import { splitCsv } from "./csv.ts";
import type { DeviceRequest } from "../../wire/docker.ts";

export function parseGpus(text: string): DeviceRequest {
  const request: DeviceRequest = { Driver: "", Count: 0, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} };
  if (text === "") throw failure("EOF");
  const seen = new Set<string>();
  for (const field of splitCsv(text)) {
    const equals = field.indexOf("=");
    const key = equals < 0 ? "count" : field.slice(0, equals);
    const value = field.slice(equals + 1);
    if (seen.has(key)) throw failure(`gpu request key '${key}' can be specified only once`);
    seen.add(key);
    setGpuField(request, key, value, field);
  }
  if (!seen.has("count") && !seen.has("device")) request.Count = 1;
  return request;
}

function setGpuField(request: DeviceRequest, key: string, value: string, field: string): void {
  switch (key) {
    case "driver":
      request.Driver = value;
      return;
    case "count":
      request.Count = countOf(value);
      return;
    case "device":
      request.DeviceIDs = value.split(",");
      return;
    case "capabilities":
      request.Capabilities = [[...new Set(["gpu", ...value.split(",")])]];
      return;
    case "options":
      for (const option of splitCsv(value)) {
        const cut = option.indexOf("=");
        request.Options = { ...request.Options, [cut < 0 ? option : option.slice(0, cut)]: cut < 0 ? "" : option.slice(cut + 1) };
      }
      return;
    default:
      throw failure(`unexpected key '${key}' in '${field}'`);
  }
}

function countOf(value: string): number {
  if (value === "all") return -1;
  if (!/^[+-]?\d+$/.test(value)) throw failure(`invalid count (${value}): value must be either "all" or an integer: invalid syntax`);
  return Number(value);
}
