// The other half of a fake registry: it takes what is pushed, and misbehaves where a test says so.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type FakeRegistry, type Fault, refuse, sha } from "./fake-registry.ts";

export type Step = "begin" | "bytes" | "resume" | "commit" | "manifest";

export interface FakeUploads {
  /** Asked before each step, with how often it has come before. True: it has answered. */
  fault: ((step: Step, exchange: Exchange, count: number) => boolean | undefined) | undefined;
  /** By tag. */
  readonly manifests: ReadonlyMap<string, Buffer>;
  count(step: Step): number;
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Takes so many bytes of the body, keeps them, and cuts the connection. */
  cutAfter(bytes: number): void;
}

interface Upload {
  bytes: Buffer;
}

export function takeUploads(registry: FakeRegistry): FakeUploads {
  const uploads = new Map<string, Upload>();
  const manifests = new Map<string, Buffer>();
  const counts = new Map<Step, number>();
  const made: FakeUploads = { fault: undefined, manifests, count: (step) => counts.get(step) ?? 0 };
  const place = (id: string): string => `/v2/app/blobs/uploads/${id}`;
  const state = (response: ServerResponse, status: number, id: string): void => {
    const { length } = uploads.get(id)?.bytes ?? Buffer.alloc(0);
    response.writeHead(status, { location: place(id), range: `0-${Math.max(0, length - 1)}`, "content-length": "0" }).end();
  };
  const steps: Record<Step, (request: IncomingMessage, response: ServerResponse, id: string) => void> = {
    begin(_, response) {
      const id = `u${uploads.size}`;
      uploads.set(id, { bytes: Buffer.alloc(0) });
      state(response, 202, id);
    },
    bytes(request, response, id) {
      const upload = uploads.get(id);
      if (upload === undefined) return refuse(response, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
      request.on("data", (bytes: Buffer) => (upload.bytes = Buffer.concat([upload.bytes, bytes])));
      request.on("end", () => state(response, 202, id));
    },
    resume: (_, response, id) => (uploads.has(id) ? state(response, 204, id) : refuse(response, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")),
    commit(request, response, id) {
      const wanted = new URL(request.url ?? "", "http://x").searchParams.get("digest");
      const bytes = uploads.get(id)?.bytes ?? Buffer.alloc(0);
      if (wanted !== sha(bytes)) return refuse(response, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
      registry.blob(bytes);
      response.writeHead(201, { location: `/v2/app/blobs/${wanted}`, "content-length": "0" }).end();
    },
    manifest(request, response, tag) {
      const parts: Buffer[] = [];
      request.on("data", (bytes: Buffer) => parts.push(bytes));
      request.on("end", () => {
        manifests.set(tag, Buffer.concat(parts));
        response.writeHead(201, { "docker-content-digest": sha(Buffer.concat(parts)), "content-length": "0" }).end();
      });
    },
  };
  const answer: Fault = (request, response) => {
    const [step, id] = stepOf(request);
    if (step === undefined) return false;
    const count = counts.get(step) ?? 0;
    counts.set(step, count + 1);
    const cutAfter = (wanted: number): void => {
      const upload = uploads.get(id);
      request.on("data", (bytes: Buffer) => {
        if (upload === undefined || upload.bytes.length >= wanted) return;
        upload.bytes = Buffer.concat([upload.bytes, bytes.subarray(0, wanted - upload.bytes.length)]);
        if (upload.bytes.length === wanted) request.socket.destroy();
      });
    };
    if (made.fault?.(step, { request, response, cutAfter }, count) !== true) steps[step](request, response, id);
    return true;
  };
  registry.fault = answer;
  return made;
}

function stepOf({ method = "", url = "" }: IncomingMessage): [step: Step | undefined, id: string] {
  const [, id = ""] = /\/(?:uploads|manifests)\/([^?]*)/.exec(url) ?? [];
  if (url.includes("/manifests/")) return [method === "PUT" ? "manifest" : undefined, id];
  if (!url.includes("/blobs/uploads/")) return [undefined, id];
  const steps: Record<string, Step> = { POST: "begin", PATCH: "bytes", GET: "resume", PUT: "commit" };
  return [steps[method], id];
}
