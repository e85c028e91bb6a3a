// What a client gave to identify itself: user and password, or a token of one of two kinds.
import type { AuthConfig } from "./registry.ts";

export interface UserPassword {
  username: string;
  password: string;
}

/** Undefined where there is no user or no password. */
export function userPassword(auth: AuthConfig | undefined): UserPassword | undefined {
  if (auth === undefined) return undefined;
  if (auth.username !== undefined && auth.username !== "") return auth.password === undefined || auth.password === "" ? undefined : { username: auth.username, password: auth.password };
  if (auth.auth === undefined || auth.auth === "") return undefined;
  const text = Buffer.from(auth.auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon <= 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") };
}

export function basicHeader({ username, password }: UserPassword): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
