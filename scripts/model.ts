// ./dev model [SEEDS [STEPS]]: many more random histories than ./dev test runs, from seeds nobody has chosen before unless
// BERTH_MODEL_SEEDS gives them; prints what was done and how many bytes came back as planned.
import { join } from "node:path";

const [seeds = "10", steps = "2500"] = process.argv.slice(2);
const first = Math.floor(Date.now() / 1000) % 1_000_000;
const chosen = process.env["BERTH_MODEL_SEEDS"] ?? Array.from({ length: Number(seeds) }, (_, index) => first + index).join(" ");
const started = Date.now();
const child = Bun.spawn([process.execPath, "test", "--timeout", "3600000", join(import.meta.dir, "../src/engine/removal/model.test.ts")], {
  env: { ...process.env, BERTH_MODEL_SEEDS: chosen, BERTH_MODEL_STEPS: steps, BERTH_MODEL_FIGURES: "1" },
  stdio: ["ignore", "inherit", "inherit"],
});
const code = await child.exited;
console.log(`${chosen.split(" ").length} histories of ${steps} steps: ${code === 0 ? "agreed" : "failed"}, ${Math.round((Date.now() - started) / 1000)} s`);
process.exit(code);
