// Logs, attach and exec: connections that carry what processes read and write.
import { EngineError, invalid } from "../../base/errors.ts";
import { attachContainer, type AttachOptions } from "../../engine/container/attach.ts";
import { createExec, type ExecConfig, inspectExec, resizeExec, startExec } from "../../engine/container/exec.ts";
import { containerLogs } from "../../engine/container/logs.ts";
import type { OutputChunk, StreamSession } from "../../engine/container/stream-session.ts";
import type { Engine } from "../../engine/engine.ts";
import { frame } from "../../wire/stdcopy.ts";
import { readJson } from "../body.ts";
import { streamType } from "../compat.ts";
import { problemText } from "../problem.ts";
import { created, empty, json, type Reply } from "../reply.ts";
import { type ApiRequest, param } from "../request.ts";
import type { Route } from "../router.ts";
import { execShape, execStartShape } from "../shapes/container.ts";
import { sizeOf } from "../terminal-size.ts";

export const streamRoutes: readonly Route[] = [
  ["GET", "/containers/{name}/logs", logs],
  ["POST", "/containers/{name}/attach", attach],
  ["GET", "/containers/{name}/attach/ws", attachWebsocket],
  ["POST", "/containers/{name}/exec", execCreate],
  ["POST", "/exec/{name}/start", execStart],
  ["POST", "/exec/{name}/resize", execResize],
  ["GET", "/exec/{name}/json", (engine, request) => json(inspectExec(engine, param(request)))],
];

async function logs(engine: Engine, request: ApiRequest): Promise<Reply> {
  const { query, version } = request;
  const wants = { stdout: query.flag("stdout"), stderr: query.flag("stderr") };
  if (!wants.stdout && !wants.stderr) throw invalid("Bad parameters: you must choose at least one stream");
  const { tty, output } = await containerLogs(engine, param(request), {
    ...wants,
    ...given("since", query.text("since")),
    ...given("until", query.text("until")),
    ...given("tail", query.text("tail")),
    timestamps: query.flag("timestamps"),
    details: query.flag("details"),
    follow: query.flag("follow"),
    signal: request.signal,
  });
  return { kind: "stream", status: 200, contentType: streamType(version, tty), eager: true, pieces: tty ? raw(output) : framed(output) };
}

async function* raw(output: AsyncIterable<OutputChunk>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of output) yield bytes;
}

async function* framed(output: AsyncIterable<OutputChunk>): AsyncGenerator<Uint8Array> {
  for await (const { stream, bytes } of output) yield frame(stream, bytes);
}

function given<K extends string>(key: K, text: string): { [key in K]?: string } {
  return text === "" ? {} : ({ [key]: text } as { [key in K]: string });
}

async function attach(engine: Engine, request: ApiRequest): Promise<Reply> {
  let session: StreamSession;
  try {
    session = await attachContainer(engine, param(request), attachOptions(request));
  } catch (error) {
    // the connection is a stream by then: no JSON
    const { status, text } = problemText(error, engine.log, `attach ${param(request)}`);
    return { kind: "text", status, body: `${text}\r\n`, headers: { "Content-Type": "application/vnd.docker.raw-stream" } };
  }
  return { kind: "hijack", session, contentType: streamType(request.version, session.tty), isBare: true };
}

async function attachWebsocket(engine: Engine, request: ApiRequest): Promise<Reply> {
  return { kind: "websocket", session: await attachContainer(engine, param(request), attachOptions(request)) };
}

function attachOptions({ query, actor }: ApiRequest): AttachOptions {
  return {
    stdin: query.flag("stdin"),
    stdout: query.flag("stdout"),
    stderr: query.flag("stderr"),
    stream: query.flag("stream"),
    logs: query.flag("logs"),
    ...given("detachKeys", query.text("detachKeys")),
    actor,
  };
}

async function execCreate(engine: Engine, request: ApiRequest): Promise<Reply> {
  const body = (await readJson<ExecConfig>(request, execShape)) ?? {};
  if ((body.Cmd ?? []).length === 0) throw invalid("No exec command specified");
  if (request.version < 42) delete body.ConsoleSize;
  return created(await createExec(engine, param(request), body, { actor: request.actor }));
}

interface ExecStart {
  Detach?: boolean;
  Tty?: boolean;
  ConsoleSize?: [height: number, width: number];
}

async function execStart(engine: Engine, request: ApiRequest): Promise<Reply> {
  const id = param(request);
  const { Detach: detach = false, Tty: tty = false, ConsoleSize } = (await readJson<ExecStart>(request, execStartShape)) ?? {};
  const consoleSize = request.version >= 42 && tty && ConsoleSize !== undefined ? { consoleSize: ConsoleSize } : {};
  try {
    const session = await startExec(engine, id, { detach, tty, ...consoleSize, actor: request.actor });
    if (session === undefined) return empty(200);
    return { kind: "hijack", session, contentType: streamType(request.version, tty) };
  } catch (error) {
    if (detach || !(error instanceof EngineError) || isSeenAtOnce(error)) throw error;
    // Docker has given the connection away by then and writes its error where output would be
    return { kind: "hijack", session: sayOnly(`${error.message}\r\n`, tty), contentType: streamType(request.version, tty) };
  }
}

/** Whether the exec and its container are there, not whether the exec was started before. */
function isSeenAtOnce({ kind, message }: EngineError): boolean {
  return kind === "not_found" || (kind === "conflict" && !/ (?:has already run|is already running)$/.test(message));
}

function sayOnly(text: string, tty: boolean): StreamSession {
  return {
    tty,
    output: (async function* output() {
      yield { stream: 1 as const, bytes: Buffer.from(text) };
    })(),
    close: () => undefined,
  };
}

async function execResize(engine: Engine, request: ApiRequest): Promise<Reply> {
  await resizeExec(engine, param(request), sizeOf(request.query));
  return empty(200);
}
