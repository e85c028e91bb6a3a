// The command table: every command with its names and usage. What a command does is loaded when it is called.
import type { CommandEntry } from "./command.ts";

export const COMMANDS: readonly CommandEntry[] = [
  // container
  { path: "container attach", short: "Attach local standard input, output, and error streams to a running container", usage: "[OPTIONS] CONTAINER", shortcut: "attach", load: () => import("./commands/container/attach.ts") },
  { path: "container commit", short: "Create a new image from a container's changes", usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]", shortcut: "commit", load: () => import("./commands/container/commit.ts") },
  { path: "container cp", short: "Copy files/folders between a container and the local filesystem", usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH", shortcut: "cp", load: () => import("./commands/container/cp.ts") },
  { path: "container create", short: "Create a new container", usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]", shortcut: "create", load: () => import("./commands/container/create.ts") },
  { path: "container diff", short: "Inspect changes to files or directories on a container's filesystem", usage: "CONTAINER", shortcut: "diff", load: () => import("./commands/container/diff.ts") },
  { path: "container exec", short: "Execute a command in a running container", usage: "[OPTIONS] CONTAINER COMMAND [ARG...]", shortcut: "exec", load: () => import("./commands/container/exec.ts") },
  { path: "container export", short: "Export a container's filesystem as a tar archive", usage: "[OPTIONS] CONTAINER", shortcut: "export", load: () => import("./commands/container/export.ts") },
  { path: "container inspect", short: "Display detailed information on one or more containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", load: () => import("./commands/container/inspect.ts") },
  { path: "container kill", short: "Kill one or more running containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", shortcut: "kill", load: () => import("./commands/container/kill.ts") },
  { path: "container logs", short: "Fetch the logs of a container", usage: "[OPTIONS] CONTAINER", shortcut: "logs", load: () => import("./commands/container/logs.ts") },
  { path: "container ls", short: "List containers", usage: "[OPTIONS]", aliases: ["list", "ps"], shortcut: "ps", load: () => import("./commands/container/ls.ts") },
  { path: "container pause", short: "Pause all processes within one or more containers", usage: "CONTAINER [CONTAINER...]", shortcut: "pause", load: () => import("./commands/container/pause.ts") },
  { path: "container port", short: "List port mappings or a specific mapping for the container", usage: "CONTAINER [PRIVATE_PORT[/PROTO]]", shortcut: "port", load: () => import("./commands/container/port.ts") },
  { path: "container prune", short: "Remove all stopped containers", usage: "[OPTIONS]", load: () => import("./commands/container/prune.ts") },
  { path: "container rename", short: "Rename a container", usage: "CONTAINER NEW_NAME", shortcut: "rename", load: () => import("./commands/container/rename.ts") },
  { path: "container restart", short: "Restart one or more containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", shortcut: "restart", load: () => import("./commands/container/restart.ts") },
  { path: "container rm", short: "Remove one or more containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", aliases: ["remove"], shortcut: "rm", load: () => import("./commands/container/rm.ts") },
  { path: "container run", short: "Create and run a new container from an image", usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]", shortcut: "run", load: () => import("./commands/container/run.ts") },
  { path: "container start", short: "Start one or more stopped containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", shortcut: "start", load: () => import("./commands/container/start.ts") },
  { path: "container stats", short: "Display a live stream of container(s) resource usage statistics", usage: "[OPTIONS] [CONTAINER...]", shortcut: "stats", load: () => import("./commands/container/stats.ts") },
  { path: "container stop", short: "Stop one or more running containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", shortcut: "stop", load: () => import("./commands/container/stop.ts") },
  { path: "container top", short: "Display the running processes of a container", usage: "CONTAINER [ps OPTIONS]", shortcut: "top", load: () => import("./commands/container/top.ts") },
  { path: "container unpause", short: "Unpause all processes within one or more containers", usage: "CONTAINER [CONTAINER...]", shortcut: "unpause", load: () => import("./commands/container/unpause.ts") },
  { path: "container update", short: "Update configuration of one or more containers", usage: "[OPTIONS] CONTAINER [CONTAINER...]", shortcut: "update", load: () => import("./commands/container/update.ts") },
  { path: "container wait", short: "Block until one or more containers stop, then print their exit codes", usage: "CONTAINER [CONTAINER...]", shortcut: "wait", load: () => import("./commands/container/wait.ts") },
  // image
  { path: "image history", short: "Show the history of an image", usage: "[OPTIONS] IMAGE", shortcut: "history", load: () => import("./commands/image/history.ts") },
  { path: "image import", short: "Import the contents from a tarball to create a filesystem image", usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]", shortcut: "import", load: () => import("./commands/image/import.ts") },
  { path: "image inspect", short: "Display detailed information on one or more images", usage: "[OPTIONS] IMAGE [IMAGE...]", load: () => import("./commands/image/inspect.ts") },
  { path: "image load", short: "Load an image from a tar archive or STDIN", usage: "[OPTIONS]", shortcut: "load", load: () => import("./commands/image/load.ts") },
  { path: "image ls", short: "List images", usage: "[OPTIONS] [REPOSITORY[:TAG]]", aliases: ["list"], shortcut: "images", load: () => import("./commands/image/ls.ts") },
  { path: "image prune", short: "Remove unused images", usage: "[OPTIONS]", load: () => import("./commands/image/prune.ts") },
  { path: "image pull", short: "Download an image from a registry", usage: "[OPTIONS] NAME[:TAG|@DIGEST]", shortcut: "pull", load: () => import("./commands/image/pull.ts") },
  { path: "image push", short: "Upload an image to a registry", usage: "[OPTIONS] NAME[:TAG]", shortcut: "push", load: () => import("./commands/image/push.ts") },
  { path: "image rm", short: "Remove one or more images", usage: "[OPTIONS] IMAGE [IMAGE...]", aliases: ["remove"], shortcut: "rmi", load: () => import("./commands/image/rm.ts") },
  { path: "image save", short: "Save one or more images to a tar archive (streamed to STDOUT by default)", usage: "[OPTIONS] IMAGE [IMAGE...]", shortcut: "save", load: () => import("./commands/image/save.ts") },
  { path: "image tag", short: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", shortcut: "tag", load: () => import("./commands/image/tag.ts") },
  // network
  { path: "network connect", short: "Connect a container to a network", usage: "[OPTIONS] NETWORK CONTAINER", load: () => import("./commands/network/connect.ts") },
  { path: "network create", short: "Create a network", usage: "[OPTIONS] NETWORK", load: () => import("./commands/network/create.ts") },
  { path: "network disconnect", short: "Disconnect a container from a network", usage: "[OPTIONS] NETWORK CONTAINER", load: () => import("./commands/network/disconnect.ts") },
  { path: "network inspect", short: "Display detailed information on one or more networks", usage: "[OPTIONS] NETWORK [NETWORK...]", load: () => import("./commands/network/inspect.ts") },
  { path: "network ls", short: "List networks", usage: "[OPTIONS]", aliases: ["list"], load: () => import("./commands/network/ls.ts") },
  { path: "network prune", short: "Remove all unused networks", usage: "[OPTIONS]", load: () => import("./commands/network/prune.ts") },
  { path: "network rm", short: "Remove one or more networks", usage: "NETWORK [NETWORK...]", aliases: ["remove"], load: () => import("./commands/network/rm.ts") },
  // volume
  { path: "volume create", short: "Create a volume", usage: "[OPTIONS] [VOLUME]", load: () => import("./commands/volume/create.ts") },
  { path: "volume inspect", short: "Display detailed information on one or more volumes", usage: "[OPTIONS] VOLUME [VOLUME...]", load: () => import("./commands/volume/inspect.ts") },
  { path: "volume ls", short: "List volumes", usage: "[OPTIONS]", aliases: ["list"], load: () => import("./commands/volume/ls.ts") },
  { path: "volume prune", short: "Remove unused local volumes", usage: "[OPTIONS]", load: () => import("./commands/volume/prune.ts") },
  { path: "volume rm", short: "Remove one or more volumes", usage: "[OPTIONS] VOLUME [VOLUME...]", aliases: ["remove"], load: () => import("./commands/volume/rm.ts") },
  // system
  { path: "system df", short: "Show docker disk usage", usage: "[OPTIONS]", load: () => import("./commands/system/df.ts") },
  { path: "system events", short: "Get real time events from the server", usage: "[OPTIONS]", shortcut: "events", load: () => import("./commands/system/events.ts") },
  { path: "system info", short: "Display system-wide information", usage: "[OPTIONS]", shortcut: "info", load: () => import("./commands/system/info.ts") },
  { path: "system prune", short: "Remove unused data", usage: "[OPTIONS]", load: () => import("./commands/system/prune.ts") },
  // context
  { path: "context create", short: "Create a context", usage: "[OPTIONS] CONTEXT", load: () => import("./commands/context/create.ts") },
  { path: "context export", short: "Export a context to a tar archive FILE or a tar stream on STDOUT.", usage: "[OPTIONS] CONTEXT [FILE|-]", load: () => import("./commands/context/export.ts") },
  { path: "context import", short: "Import a context from a tar or zip file", usage: "CONTEXT FILE|-", load: () => import("./commands/context/import.ts") },
  { path: "context inspect", short: "Display detailed information on one or more contexts", usage: "[OPTIONS] [CONTEXT] [CONTEXT...]", load: () => import("./commands/context/inspect.ts") },
  { path: "context ls", short: "List contexts", usage: "[OPTIONS]", aliases: ["list"], load: () => import("./commands/context/ls.ts") },
  { path: "context rm", short: "Remove one or more contexts", usage: "CONTEXT [CONTEXT...]", aliases: ["remove"], load: () => import("./commands/context/rm.ts") },
  { path: "context show", short: "Print the name of the current context", usage: "", load: () => import("./commands/context/show.ts") },
  { path: "context update", short: "Update a context", usage: "[OPTIONS] CONTEXT", load: () => import("./commands/context/update.ts") },
  { path: "context use", short: "Set the current docker context", usage: "CONTEXT", load: () => import("./commands/context/use.ts") },
  // builder
  { path: "builder prune", short: "Remove build cache", usage: "", load: () => import("./commands/builder/prune.ts") },
  // manifest
  { path: "manifest inspect", short: "Display an image manifest, or manifest list", usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST", load: () => import("./commands/manifest/inspect.ts") },
  // without a noun
  { path: "inspect", short: "Return low-level information on Docker objects", usage: "[OPTIONS] NAME|ID [NAME|ID...]", load: () => import("./commands/object/inspect.ts") },
  { path: "login", short: "Authenticate to a registry", usage: "[OPTIONS] [SERVER]", load: () => import("./commands/registry/login.ts") },
  { path: "logout", short: "Log out from a registry", usage: "[SERVER]", load: () => import("./commands/registry/logout.ts") },
  { path: "search", short: "Search Docker Hub for images", usage: "[OPTIONS] TERM", load: () => import("./commands/registry/search.ts") },
  { path: "version", short: "Show the Docker version information", usage: "[OPTIONS]", load: () => import("./commands/system/version.ts") },
  { path: "completion", short: "Generate the completion script for a shell", usage: "bash|zsh|fish", load: () => import("./commands/completion/script.ts") },
  { path: "__complete", short: "What may follow", usage: "[WORD...]", hidden: true, load: () => import("./commands/completion/complete.ts") },
  { path: "system dial-stdio", short: "Proxy the stdio stream to the daemon connection", usage: "", hidden: true, load: () => import("./commands/system/dial-stdio.ts") },
  // beyond Docker
  { path: "plan", short: "Show what a removal would take, keep and free, without removing", usage: "[OPTIONS] VERB [NAME...]", load: () => import("./commands/beyond/plan.ts") },
  { path: "apply", short: "Carry out a plan if nothing has changed since", usage: "[OPTIONS] TOKEN", load: () => import("./commands/beyond/apply.ts") },
  { path: "why", short: "Explain what keeps an object, and what it keeps", usage: "[OPTIONS] OBJECT", load: () => import("./commands/beyond/why.ts") },
  { path: "graph", short: "Show what uses what", usage: "[OPTIONS]", load: () => import("./commands/beyond/graph.ts") },
  { path: "free", short: "Find the least valuable things whose removal frees this much", usage: "[OPTIONS] SIZE", load: () => import("./commands/beyond/free.ts") },
  { path: "pin", short: "Protect objects from removal", usage: "[OPTIONS] [OBJECT...]", load: () => import("./commands/beyond/pin.ts") },
  { path: "unpin", short: "Let objects be removed again", usage: "[OPTIONS] OBJECT [OBJECT...]", load: () => import("./commands/beyond/unpin.ts") },
];

/** Nouns that group commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  container: "Manage containers",
  image: "Manage images",
  network: "Manage networks",
  volume: "Manage volumes",
  system: "Manage Docker",
  context: "Manage contexts",
  builder: "Manage builds",
  manifest: "Manage Docker image manifests and manifest lists",
};

/** In the order of the overview's first block. */
export const COMMON: readonly string[] = ["run", "exec", "ps", "pull", "push", "images", "login", "logout", "search", "version", "info"];
export const BEYOND: readonly string[] = ["apply", "free", "graph", "pin", "plan", "unpin", "why"];
