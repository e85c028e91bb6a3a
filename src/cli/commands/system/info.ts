// stub: `system info` follows.
import { anyArguments, type Command } from "../../command.ts";
import { failure } from "../../failure.ts";

export const command: Command = {
  args: anyArguments,
  run: () => Promise.reject(failure("not written yet")),
};
