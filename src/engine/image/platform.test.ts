import { expect, test } from "bun:test";
import type { Descriptor } from "../../wire/oci.ts";
import { chooseManifest, formatPlatform, parsePlatform, platformFits } from "./platform.ts";

test.each([
  ["linux/amd64", "linux/amd64"],
  ["x86_64", "linux/amd64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm", "linux/arm/v7"],
  ["Linux/ARM/v6", "linux/arm/v6"],
])("%s is %s", (text, wanted) => expect(formatPlatform(parsePlatform(text))).toBe(wanted));

test.each(["a/b/c/d", "linux/", "li nux/amd64", "bogus", "*"])("%p is refused", (text) => expect(() => parsePlatform(text)).toThrow("invalid argument"));

test("an older arm runs on a newer one, not the reverse", () => {
  expect(platformFits(parsePlatform("linux/arm/v6"), parsePlatform("linux/arm/v7"))).toBe(true);
  expect(platformFits(parsePlatform("linux/arm/v7"), parsePlatform("linux/arm/v6"))).toBe(false);
});

test("the fitting manifest is chosen, attestations are passed over", () => {
  const entry = (digest: string, platform?: string, annotations?: Record<string, string>): Descriptor => ({
    mediaType: "m",
    digest: `sha256:${digest}`,
    size: 1,
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    ...(annotations === undefined ? {} : { annotations }),
  });
  const manifests = [entry("att", "linux/amd64", { "vnd.docker.reference.type": "attestation-manifest" }), entry("v6", "linux/arm/v6"), entry("v7", "linux/arm/v7"), entry("amd", "linux/amd64")];
  expect(chooseManifest(manifests, parsePlatform("linux/amd64"))?.digest).toBe("sha256:amd");
  expect(chooseManifest(manifests, parsePlatform("linux/arm/v7"))?.digest).toBe("sha256:v7");
  expect(chooseManifest(manifests.slice(0, 2), parsePlatform("linux/arm/v7"))?.digest).toBe("sha256:v6");
  expect(chooseManifest(manifests, parsePlatform("linux/s390x"))).toBeUndefined();
});
