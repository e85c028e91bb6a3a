import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ProgressMessage } from "../../wire/progress.ts";
import { fetchSource } from "./import-source.ts";

let server: ReturnType<typeof Bun.serve>;
beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/loop") return Response.redirect("/loop", 302);
      if (pathname === "/moved") return Response.redirect("/tar", 301);
      if (pathname === "/tar") return new Response("the archive");
      return new Response(`why ${pathname}`, { status: Number(pathname.slice(1)) });
    },
  });
});
afterAll(() => server.stop(true));

async function fetched(address: string): Promise<{ text: string; said: ProgressMessage[] }> {
  const said: ProgressMessage[] = [];
  let text = "";
  for await (const bytes of await fetchSource(address, (message) => said.push(message), AbortSignal.timeout(10_000))) text += Buffer.from(bytes).toString();
  return { text, said };
}

test("an archive, with or without a scheme, and where it was moved to", async () => {
  const { host } = server.url;
  for (const address of [`http://${host}/tar`, `${host}/tar`, `http://${host}/moved`]) {
    const { text, said } = await fetched(address);
    expect(text).toBe("the archive");
    expect(said).toEqual([{ status: `Downloading from ${address.startsWith("http") ? address : `http://${address}`}` }, { status: "Importing", progressDetail: { current: 11, total: 11 } }]);
  }
});

// the words and statuses are those of Docker 28.5.2
test("what goes wrong is told in Docker's words, before the first message", async () => {
  const { host } = server.url;
  const cases: [string, string, string][] = [
    [`${host}/404`, "not_found", `failed to GET http://${host}/404 with status 404 Not Found: why /404`],
    [`${host}/403`, "forbidden", `failed to GET http://${host}/403 with status 403 Forbidden: why /403`],
    [`${host}/503`, "internal", `failed to GET http://${host}/503 with status 503 Service Unavailable: why /503`],
    [`${host}/loop`, "internal", `Get "/loop": stopped after 10 redirects`],
    ["http://127.0.0.1:1/x", "internal", `Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused`],
    ["ftp://127.0.0.1/x", "internal", `Get "ftp://127.0.0.1/x": unsupported protocol scheme "ftp"`],
  ];
  for (const [address, kind, message] of cases) await expect(fetched(address)).rejects.toMatchObject({ kind, message });
});
