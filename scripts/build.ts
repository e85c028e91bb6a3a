// Builds dist/berth: daemon and command line in one executable.
import { mkdirSync } from "node:fs";

mkdirSync("dist", { recursive: true });
const built = await Bun.build({
  entrypoints: ["src/main.ts"],
  minify: true,
  bytecode: true,
  format: "esm",
  compile: { outfile: "dist/berth" },
});
if (!built.success) {
  for (const line of built.logs) console.error(line);
  process.exit(1);
}
