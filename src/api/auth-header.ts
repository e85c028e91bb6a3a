// X-Registry-Auth: credentials as base64url of JSON. What cannot be decoded counts as none, as Docker does.
import type { PullRequest } from "../engine/image/pull.ts";
import type { ApiRequest } from "./request.ts";

export function authOf({ headers }: Pick<ApiRequest, "headers">): PullRequest["auth"] {
  const header = headers["x-registry-auth"];
  if (header === undefined || header === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
