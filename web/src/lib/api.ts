import type { FigureBase } from "./figures/types";
import type {
  ClassName, Colormap, Epoch, Failure, ImageFile, JobRequest, JobStatus, Method, Model, Workspace,
} from "./types";
import type { Palette } from "./palette";

/** An answer of the server that is an error, in one sentence. */
export class ApiError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.error);
  }
}

/** Any error as one sentence and its kind. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  return { error: error instanceof Error ? error.message : String(error), kind: "bug" };
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init?.signal?.aborted) throw new ApiError({ error: "stopped", kind: "cancelled" });
    throw new ApiError({ error: String(error), kind: "offline" });
  }
}

/** Asks for JSON. */
export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  return read(await send(path, init));
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (response.ok) return body as T;
    if (isFailure(body)) throw new ApiError(body);
  } catch (error) {
    if (error instanceof ApiError) throw error;
  }
  // An answer that is not the API's: the guard's, or a proxy's.
  throw new ApiError({ error: text.trim().slice(0, 200) || `HTTP ${response.status}`, kind: response.ok ? "bug" : "user" });
}

const json = (body: unknown, signal?: AbortSignal): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
  signal,
});

/** Asks for JSON with a question in JSON. */
export const post = <T>(path: string, body: unknown, signal?: AbortSignal) => ask<T>(path, json(body, signal));

/** Asks for anything else with a question in JSON. */
export async function raw(path: string, body: unknown): Promise<Response> {
  const response = await send(path, json(body));
  return response.ok ? response : read<never>(response);
}

function isFailure(body: unknown): body is Failure {
  return typeof body === "object" && body !== null && typeof (body as Failure).error === "string";
}

const part = encodeURIComponent;

export const api = {
  methods: () => ask<Method[]>("/api/methods"),
  palette: () => ask<Palette>("/api/theme"),
  colormaps: () => ask<Colormap[]>("/api/colormaps"),
  workspace: (from = 0, count = 200, again = false) =>
    ask<Workspace>(`/api/workspace?from=${from}&count=${count}${again ? "&again=1" : ""}`),
  model: (id: string) => ask<Model>(`/api/models/${part(id)}`),
  classes: (model: string, q: string, signal?: AbortSignal) =>
    ask<ClassName[]>(`/api/models/${part(model)}/classes?q=${part(q)}`, { signal }),
  imageAddress: (id: string, side: number) => `/api/images/${part(id)}?side=${side}`,
  drop(file: File, as: "image" | "mask" = "image"): Promise<ImageFile> {
    const body = new FormData();
    body.append(as, file, file.name);
    return ask<ImageFile>("/api/images", { method: "POST", body });
  },
  start: (request: JobRequest) => post<JobStatus>("/api/jobs", request),
  job: (id: string) => ask<JobStatus>(`/api/jobs/${part(id)}`),
  cancel: (id: string) => ask<JobStatus>(`/api/jobs/${part(id)}`, { method: "DELETE" }),
  figure: (key: string) => ask<FigureBase>(`/api/figures/${part(key)}`),
  download: (key: string, format: string, query: Record<string, string>) =>
    `/api/figures/${part(key)}.${format}?${new URLSearchParams(query)}`,
};

export interface JobListener {
  progress(status: JobStatus): void;
  end(status: JobStatus): void;
  /** The stream broke off and the job's state is not known. */
  lost(): void;
}

/** Follows a job; the returned function lets go of it without stopping it. */
export function watchJob(id: string, listener: JobListener): () => void {
  const stream = new EventSource(`/api/jobs/${part(id)}/events`);
  stream.addEventListener("progress", (e) => listener.progress(JSON.parse(e.data)));
  stream.addEventListener("end", (e) => {
    stream.close();
    listener.end(JSON.parse(e.data));
  });
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) listener.lost();
  };
  return () => stream.close();
}

/** Follows the demo's training; the returned function lets go of it. */
export function watchTraining(listener: { epoch(e: Epoch): void; done(net: string): void; failed(why: string): void; lost(): void }): () => void {
  const stream = new EventSource("/api/training");
  stream.addEventListener("epoch", (e) => listener.epoch(JSON.parse(e.data)));
  stream.addEventListener("done", (e) => listener.done(JSON.parse(e.data).net));
  stream.addEventListener("failed", (e) => listener.failed(String(JSON.parse(e.data))));
  // The server closes the stream when all is told; a browser would then ask
  // again and be told all of it once more.
  stream.onerror = () => {
    stream.close();
    listener.lost();
  };
  return () => stream.close();
}
