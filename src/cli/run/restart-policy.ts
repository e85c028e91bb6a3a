// --restart no | always | unless-stopped | on-failure[:N].
import type { RestartPolicy } from "../../wire/docker.ts";
import { failure } from "../failure.ts";

export function parseRestartPolicy(text: string): RestartPolicy {
  if (text === "") return {};
  const [name = "", count, extra] = text.split(":");
  if (extra !== undefined) throw failure("invalid restart policy format: too many colons");
  if (name === "") throw failure("invalid restart policy format: no policy provided before colon");
  if (count !== undefined && count !== "" && !/^[+-]?\d+$/.test(count)) throw failure("invalid restart policy format: maximum retry count must be an integer");
  return { Name: name as RestartPolicy["Name"], MaximumRetryCount: count ? Number(count) : 0 };
}
