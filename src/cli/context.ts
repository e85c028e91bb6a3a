// What a command gets: the console, the environment, the client's configuration file and the connection to the daemon.
import type { Client } from "./client.ts";
import type { ConfigFile } from "./config-file.ts";
import type { Console } from "./console.ts";
import type { ContextStore } from "./context-store.ts";

export interface Cli {
  readonly console: Console;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `berth`, as help texts say it. */
  readonly program: string;
  readonly global: GlobalOptions;
  /** Aborted when the user interrupts a command that cleans up after itself. */
  client(): Client;
  config(): ConfigFile;
  contexts(): ContextStore;
}

/** Flags that stand before the command. */
export interface GlobalOptions {
  readonly host?: string;
  readonly context?: string;
  readonly configDirectory: string;
  readonly debug: boolean;
  readonly tls?: { readonly verify: boolean; readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}
