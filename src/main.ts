// Entry of the one executable: the engine, its workers, or the command line. Each is loaded only when asked for.
const [word, ...rest] = process.argv.slice(2);

if (word === "daemon" && !rest.includes("--help") && !rest.includes("-h")) {
  const { runDaemon } = await import("./daemon.ts");
  process.exitCode = await runDaemon(rest);
} else if (word === "worker") {
  const { runWorker } = await import("./store/worker/worker.ts");
  process.exit(await runWorker(rest));
} else {
  const { runCli } = await import("./cli/cli.ts");
  process.exit(await runCli(process.argv.slice(2)));
}

export {};
