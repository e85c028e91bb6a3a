// The flags that stand before the command.
import { join } from "node:path";

export function globalFlags(configDirectory: string, certDirectory = configDirectory): string {
  const presetIn = (name: string) => `(default "${join(certDirectory, name)}")`;
  return `
--config string  Location of client config files (default "${configDirectory}")
-c, --context string  Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")
-D, --debug  Enable debug mode
-H, --host string  Daemon socket to connect to
~-h, --help  Print usage
-l, --log-level string  Set the logging level ("debug", "info", "warn", "error", "fatal") (default "info")
--tls  Use TLS; implied by --tlsverify
--tlscacert string  Trust certs signed only by this CA ${presetIn("ca.pem")}
--tlscert string  Path to TLS certificate file ${presetIn("cert.pem")}
--tlskey string  Path to TLS key file ${presetIn("key.pem")}
--tlsverify  Use TLS and verify the remote
-v, --version  Print version information and quit
`;
}
