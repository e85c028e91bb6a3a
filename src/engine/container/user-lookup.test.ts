import { expect, test } from "bun:test";
import { lookUpUser } from "./user-lookup.ts";

const FILES = {
  passwd: "root:x:0:0:root:/root:/bin/sh\n# comment\nweb:x:33:34:web:/var/www:/bin/false\nweb2:x:33:35::/x:\n\nbare:x:7:7\n",
  group: "root:x:0:\nwww:x:34:\naudio:x:29:web,bare\nvideo:x:44: web , root\nwheel:x:10:root",
};

test.each([
  ["", 0, 0, [0, 44, 10], "/root"],
  ["root", 0, 0, [0, 44, 10], "/root"],
  ["web", 33, 34, [34, 29, 44], "/var/www"],
  ["33", 33, 34, [34, 29, 44], "/var/www"],
  ["web:audio", 33, 29, [29], "/var/www"],
  ["web:1000", 33, 1000, [1000], "/var/www"],
  ["1234", 1234, 0, [0], ""],
  ["1234:www", 1234, 34, [34], ""],
  [":www", 0, 34, [34], "/root"],
])("%s", (spec, uid, gid, additionalGids, home) => {
  expect(lookUpUser(spec, FILES)).toEqual({ uid, gid, additionalGids, home });
});

test("groups are added by name and number", () => {
  expect(lookUpUser("web:web2", { ...FILES, group: `${FILES.group}\nweb2:x:50:` }, ["audio", "5"]).additionalGids).toEqual([50, 29, 5]);
});

test.each([
  ["nosuch", [], "unable to find user nosuch: no matching entries in passwd file"],
  ["0:nosuch", [], "unable to find group nosuch: no matching entries in group file"],
  ["", ["nosuch"], "unable to find group nosuch: no matching entries in group file"],
  ["-5", [], "uids and gids must be in range 0-2147483647"],
  ["99999999999", [], "uids and gids must be in range 0-2147483647"],
  ["0:2147483648", [], "uids and gids must be in range 0-2147483647"],
])("%s %p is refused", (spec, groups, text) => {
  expect(() => lookUpUser(spec, FILES, groups)).toThrow(text);
});

test("without the files numbers are taken as they are", () => {
  const none = { passwd: undefined, group: undefined };
  expect(lookUpUser("5:6", none)).toEqual({ uid: 5, gid: 6, additionalGids: [6], home: "" });
  expect(lookUpUser("", none)).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: "" });
});
