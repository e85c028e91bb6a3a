import { expect, test } from "bun:test";
import { addNetwork, foreignHandles, passForeignChain, removeNetwork, removeTable, skeleton, tableName } from "./firewall-rules.ts";

const WEB = { bridge: "br-0123456789ab", internal: false, masquerade: true, subnets: ["10.9.0.0/24"] };

test("a table is named after the bridge, in a word that nft can read", () => {
  expect(tableName("berth0")).toBe("berth-berth0");
  expect(tableName("0bridge")).toMatch(/^berth-[0-9a-f]{12}$/);
  expect(tableName("br%x")).toMatch(/^berth-[0-9a-f]{12}$/);
});

test("the skeleton stands in its table; with the removal before it it replaces one", () => {
  const text = skeleton("ip", "berth-x", false);
  expect((removeTable("ip", "berth-x") + text).startsWith("table ip berth-x\ndelete table ip berth-x\ntable ip berth-x {\n")).toBe(true);
  expect(text).toContain("iifname @bridges ip daddr 127.0.0.0/8 drop");
  expect(text).toContain("dnat to meta l4proto . th dport map @published_any");
});

test("nothing may enter a bridge but answers and what is published; the order of the rules makes it so", () => {
  const forward = /chain forward \{([^}]*)\}/.exec(skeleton("ip", "t", false))?.[1] ?? "";
  expect(forward.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("type"))).toEqual([
    "iifname . oifname @within accept",
    "oifname @internals drop",
    "iifname @internals drop",
    "oifname @bridges ct state established,related accept",
    "oifname @bridges ct status dnat accept",
    "oifname @bridges drop",
    "iifname @bridges accept",
  ]);
});

test("a host that was no router forwards for our bridges only", () => {
  expect(/chain forward \{([^}]*)\}/.exec(skeleton("ip6", "t", true))?.[1]?.trimEnd().endsWith("drop")).toBe(true);
});

test("a network is elements of the sets, put in and taken out alike", () => {
  const added = addNetwork("ip", "t", WEB);
  expect(added).toBe(
    'add element ip t bridges { "br-0123456789ab" }\nadd element ip t within { "br-0123456789ab" . "br-0123456789ab" }\nadd element ip t subnets { 10.9.0.0/24 }\nadd element ip t masqueraded { 10.9.0.0/24 }\n',
  );
  expect(removeNetwork("ip", "t", WEB)).toBe(added.replaceAll("add element", "delete element"));
});

test("an internal network is not masqueraded", () => {
  const text = addNetwork("ip", "t", { ...WEB, internal: true });
  expect(text).toContain('internals { "br-0123456789ab" }');
  expect(text).not.toContain("masqueraded");
});

test("our rules in another's chain are found again by their bridge", () => {
  const listing = `table ip filter {
	chain FORWARD { # handle 3
		type filter hook forward priority filter; policy drop;
		oifname "br1" counter packets 0 bytes 0 accept # handle 21
		iifname "br1" counter packets 12 bytes 3 accept # handle 20
		iifname "br10" counter packets 0 bytes 0 accept # handle 22
		counter packets 0 bytes 0 jump DOCKER-USER # handle 7
	}
}`;
  expect(foreignHandles(listing, "br1")).toEqual(["21", "20"]);
  expect(passForeignChain("ip", "br1").trimEnd().split("\n")).toHaveLength(2);
});
