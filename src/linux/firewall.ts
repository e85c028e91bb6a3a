// Whole firewall changes as text, each one transaction, by `nft -f -`.
import { internal } from "../base/errors.ts";
import { runTool } from "./run-tool.ts";

/** All of it or nothing. */
export async function applyRules(text: string): Promise<void> {
  if (text === "") return;
  const { exitCode, stderr } = await runTool(["nft", "-f", "-"], text);
  if (exitCode !== 0) throw internal(`nft: ${firstLine(stderr)}`, { rules: text });
}

/** Rules of a chain with their handles; "" if there is no such chain. */
export async function listChain(family: string, table: string, chain: string): Promise<string> {
  const { exitCode, stdout } = await runTool(["nft", "-a", "list", "chain", family, table, chain]);
  return exitCode === 0 ? stdout : "";
}

/** Names of tables, as "ip berth-berth0". */
export async function listTables(): Promise<string[]> {
  const { stdout } = await runTool(["nft", "list", "tables"]);
  return stdout.split("\n").flatMap((line) => (line.startsWith("table ") ? [line.slice("table ".length).trim()] : []));
}

/** Takes an interface away without holding up the caller's thread (the kernel waits for its last users). */
export async function deleteLink(name: string): Promise<void> {
  const { exitCode, stderr } = await runTool(["ip", "link", "delete", "dev", name]);
  if (exitCode !== 0 && !/Cannot find device/.test(stderr)) throw internal(`ip link delete ${name}: ${firstLine(stderr)}`);
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
