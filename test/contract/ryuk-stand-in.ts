// An image under the name of testcontainers' cleanup container. It speaks Ryuk's protocol (filters by line over TCP, removal of
// what they match once the client has gone) with busybox and curl, because there is no registry to pull the real one from.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeBaseImage } from "../support/base-image.ts";
import { importTar } from "./imported-image.ts";

export const RYUK_IMAGE = "testcontainers/ryuk:0.14.0";

const SERVE = `#!/bin/sh
trap 'exit 0' TERM
nc -ll -p 8080 -e /handle &
echo "Started"
wait
`;

// one connection: the filters, then the end of the client, then the removal
const HANDLE = `#!/bin/sh
api() { curl -s --unix-socket /var/run/docker.sock "$@"; }
ids() { api -G "http://engine/$1" --data-urlencode "filters={\\"label\\":[\\"$2\\"]}" | tr ',' '\\n' | sed -n "s/.*\\"$3\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
labels=
while read -r line; do
  line=$(printf %s "$line" | tr -d '\\r')
  case $line in label=*) labels="$labels \${line#label=}"; echo ACK ;; esac
done
for label in $labels; do
  for id in $(ids "containers/json?all=1" "$label" Id); do
    case $id in "$(hostname)"*) ;; *) api -X DELETE "http://engine/containers/$id?force=1&v=1" ;; esac
  done
  for id in $(ids networks "$label" Id); do api -X DELETE "http://engine/networks/$id"; done
  for name in $(ids volumes "$label" Name); do api -X DELETE "http://engine/volumes/$name?force=1"; done
done
kill -TERM 1
`;

export async function importRyukStandIn(socketPath: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "berth-ryuk-"));
  try {
    const tar = join(directory, "ryuk.tar");
    writeBaseImage(directory, tar);
    const root = join(directory, "rootfs");
    for (const path of filesOfCurl()) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      cpSync(realpathSync(path), join(root, path));
    }
    for (const [name, script] of [["serve", SERVE], ["handle", HANDLE]] as const) {
      writeFileSync(join(root, name), script);
      chmodSync(join(root, name), 0o755);
    }
    execFileSync("tar", ["-C", root, "--numeric-owner", "--owner=0", "--group=0", "-cf", tar, "."]);
    const [repo = "", tag = ""] = RYUK_IMAGE.split(":");
    await importTar(socketPath, tar, `/images/create?${new URLSearchParams([["fromSrc", "-"], ["repo", repo], ["tag", tag], ["changes", 'ENTRYPOINT ["/serve"]']]).toString()}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The program and the libraries it is linked with, by the paths they are looked for under. */
function filesOfCurl(): string[] {
  const curl = execFileSync("sh", ["-c", "command -v curl"], { encoding: "utf8" }).trim();
  const libraries = execFileSync("ldd", [curl], { encoding: "utf8" }).matchAll(/(?:=> )?(\/\S+) \(0x/g);
  return [curl, ...[...libraries].map(([, path]) => path as string)];
}
