import { expect, test } from "bun:test";
import { startTestEngine } from "../../../test/support/engine.ts";
import { systemInfo } from "./info.ts";

test("proxies are told without user and password", async () => {
  const lab = await startTestEngine();
  const { engine } = lab;
  const config = { ...engine.config, httpProxy: "http://proxy:3128", httpsProxy: "https://bob:pa@ss@proxy:3128/", noProxy: ".lan" };
  expect(systemInfo({ ...engine, config })).toMatchObject({ HttpProxy: "http://proxy:3128", HttpsProxy: "https://xxxxx:xxxxx@proxy:3128/", NoProxy: ".lan" });
  expect(systemInfo({ ...engine, config: { ...config, httpProxy: "bob:pw@proxy" } })).toMatchObject({ HttpProxy: "xxxxx:xxxxx@proxy" });
  await lab.close();
});
