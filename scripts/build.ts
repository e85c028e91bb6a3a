// Builds dist/berth: daemon and command line in one executable.
import { mkdirSync } from "node:fs";

mkdirSync("dist", { recursive: true });
const built = await Bun.build({
  entrypoints: ["src/main.ts"],
  minify: true,
  bytecode: true,
  format: "esm",
  // a command loads what it needs: `ps` in 11 ms instead of 19
  splitting: true,
  compile: { outfile: "dist/berth", autoloadDotenv: false, autoloadBunfig: false },
});
if (!built.success) {
  for (const line of built.logs) console.error(line);
  process.exit(1);
}
