// As Go's httpproxy decides.
import { expect, test } from "bun:test";
import { proxyAuthorization, proxyFor } from "./proxy.ts";

const through = (address: string, noProxy = "") => proxyFor(new URL(address), { HTTP_PROXY: "plain:3128", HTTPS_PROXY: "https://secure:3129", NO_PROXY: noProxy })?.host;

test("one for each scheme, in capitals or not, with or without a scheme of its own", () => {
  expect([through("http://r/v2/"), through("https://r/v2/")]).toEqual(["plain:3128", "secure:3129"]);
  expect(proxyFor(new URL("https://r/"), { https_proxy: "http://small:1" })?.href).toBe("http://small:1/");
  expect(proxyFor(new URL("https://r/"), { HTTP_PROXY: "plain:3128" })).toBeUndefined();
  expect(() => proxyFor(new URL("https://r/"), { HTTPS_PROXY: "socks5://p" })).toThrow("proxy scheme socks5 is not supported");
});

test.each(["http://localhost:5000/", "http://127.0.0.1/", "https://127.9.8.7:1/", "http://[::1]:5000/"])("%s is the machine itself", (address) => expect(through(address)).toBeUndefined());

test.each([
  ["r.example.com", "r.example.com", true],
  ["r.example.com", "example.com", true],
  ["example.com", ".example.com", false],
  ["r.example.com", ".example.com", true],
  ["r.example.com", "*.example.com", true],
  ["notexample.com", "example.com", false],
  ["R.EXAMPLE.com", "r.example.COM", true],
  ["r.example.com", "other, r.example.com:5000 ", false],
  ["r.example.com:5000", "other, r.example.com:5000 ", true],
  ["r.example.com", "r.example.com:443", true],
  ["10.1.2.3:5000", "10.0.0.0/8", true],
  ["11.1.2.3:5000", "10.0.0.0/8", false],
  ["10.1.2.3:5000", "10.1.2.3", true],
  ["[fd00::1]:5000", "fd00::/8", true],
  ["[fd00::1]:5000", "[fd00::1]", true],
  ["r.example.com", "*", true],
  ["r.example.com", "", false],
  ["r.example.com", "10.0.0.0/99,r.example", false],
] as const)("%s with NO_PROXY=%s", (host, noProxy, isPast) => expect(through(`https://${host}/`, noProxy)).toBe(isPast ? undefined : "secure:3129"));

test("user and password of a proxy, decoded", () => {
  const told = (address: string) => Buffer.from(proxyAuthorization(new URL(address))?.slice("Basic ".length) ?? "", "base64").toString();
  expect([told("http://bob:p%40ss%3A@p"), told("http://bob@p"), proxyAuthorization(new URL("http://p"))]).toEqual(["bob:p@ss:", "bob:", undefined]);
});
