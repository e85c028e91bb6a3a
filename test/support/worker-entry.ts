// Entry for tests that need the store's workers without the whole program.
import { runWorker } from "../../src/store/worker/worker.ts";

process.exit(await runWorker(process.argv.slice(2)));
