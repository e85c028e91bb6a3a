// The flags that stand before the command.

export const GLOBAL_FLAGS = `
--config string  Location of client config files
-c, --context string  Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")
-D, --debug  Enable debug mode
-H, --host string  Daemon socket to connect to
~--help  Print usage
-l, --log-level string  Set the logging level ("debug", "info", "warn", "error", "fatal") (default "info")
--tls  Use TLS; implied by --tlsverify
--tlscacert string  Trust certs signed only by this CA
--tlscert string  Path to TLS certificate file
--tlskey string  Path to TLS key file
--tlsverify  Use TLS and verify the remote
-v, --version  Print version information and quit
`;
