// `user[:group]` against the texts of a passwd and a group file. Pure; Docker's words for what is not found.
import { internal } from "../../base/errors.ts";

export interface ProcessUser {
  uid: number;
  gid: number;
  /** The main group first. */
  additionalGids: number[];
  /** From passwd; "" if the user is not there. */
  home: string;
}

const MAX_ID = 2 ** 31 - 1;

export interface UserFiles {
  /** Undefined: the file is not there. */
  passwd: string | undefined;
  group: string | undefined;
}

export function lookUpUser(spec: string, files: UserFiles, moreGroups: readonly string[] = []): ProcessUser {
  const [userText = "", groupText = ""] = spec.split(":", 2);
  const users = parsePasswd(files.passwd ?? "");
  const groups = parseGroup(files.group ?? "");
  const wantedUid = parseNumber(userText);
  const user = users.find((entry) => (userText === "" ? entry.uid === 0 : wantedUid === undefined ? entry.name === userText : entry.uid === wantedUid));
  if (user === undefined && userText !== "" && wantedUid === undefined) throw internal(`unable to find user ${userText}: no matching entries in passwd file`);
  const uid = user?.uid ?? checkRange(wantedUid ?? 0);
  const gid = groupText === "" ? (user?.gid ?? 0) : groupIdOf(groupText, groups);
  const memberships = groupText === "" && user !== undefined ? groups.filter((group) => group.members.includes(user.name)).map((group) => group.gid) : [];
  const added = moreGroups.map((text) => groupIdOf(text, groups));
  return { uid, gid, additionalGids: [gid, ...memberships, ...added], home: user?.home ?? "" };
}

function groupIdOf(text: string, groups: readonly GroupEntry[]): number {
  const number = parseNumber(text);
  const found = groups.find((group) => (number === undefined ? group.name === text : group.gid === number));
  if (found !== undefined) return found.gid;
  if (number === undefined) throw internal(`unable to find group ${text}: no matching entries in group file`);
  return checkRange(number);
}

function checkRange(id: number): number {
  if (id < 0 || id > MAX_ID) throw internal("uids and gids must be in range 0-2147483647");
  return id;
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

function parsePasswd(text: string): PasswdEntry[] {
  return lines(text).map((line) => {
    const [name = "", , uid = "", gid = "", , home = ""] = line.split(":");
    return { name, uid: Number(uid) || 0, gid: Number(gid) || 0, home };
  });
}

function parseGroup(text: string): GroupEntry[] {
  return lines(text).map((line) => {
    const [name = "", , gid = "", members = ""] = line.split(":");
    return { name, gid: Number(gid) || 0, members: members.split(",").map((member) => member.trim()) };
  });
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}
