// The server's answers on runs and their curves.
import { ApiError, ask, post, raw } from "../api";
import { decode as decodeBands, type BandLook } from "./bands";
import { decode } from "./curve";
import type { Look } from "./known";
import { decode as decodeSmooth } from "./smooth";
import type { SmoothLook } from "./smooths";
import type { BandPart, CurveNames, Histogram, Part, RecordHead, RecordList, RunNews, SmoothPart, Sum } from "./types";

export const runs = (of: string, after: number) => ask<RunNews>(`/api/runs?of=${encodeURIComponent(of)}&after=${after}`);

export const names = (runs: string[], pattern: string, signal?: AbortSignal) => post<CurveNames>("/api/curves/names", { runs, pattern }, signal);

export const sums = (runs: string[], names: string[]) => post<(Sum | null)[][]>("/api/curves/sums", { runs, names });

// What all curves of a question have in common.
const common = ({ axis, columns, by }: Look) => ({ axis, columns, by });

async function told<V>(path: string, question: object, curves: object[], decode: (raw: ArrayBuffer) => (V | null)[]): Promise<(V | null)[]> {
  const response = await raw(path, { ...question, curves });
  const out = decode(await response.arrayBuffer());
  return curves.map((_, i) => out[i] ?? null);
}

export const windows = (l: Look, parts: Part[]) => told("/api/curves/windows", common(l), parts, decode);

export const smooths = (l: SmoothLook, parts: SmoothPart[]) => told("/api/curves/smooth", { ...common(l), weight: l.weight }, parts, decodeSmooth);

export const bands = (l: BandLook, parts: BandPart[]) =>
  told("/api/curves/bands", { ...common(l), weight: l.weight, spread: l.spread, logx: l.logx }, parts, decodeBands);

export const recordLists = (runs: string[], signal?: AbortSignal) => post<RecordList[]>("/api/records/names", { runs }, signal);

const record = (r: RecordList, rest: Record<string, string>) => new URLSearchParams({ run: r.run, kind: r.kind, name: r.name, ...rest });

export const recordSteps = (r: RecordList) => ask<RecordHead[]>(`/api/records?${record(r, {})}`);

export const recordAddress = (r: RecordList, at: number) => `/api/records/body?${record(r, { at: String(at), side: "640" })}`;

export const histograms = (r: RecordList, most: number) => ask<Histogram[]>(`/api/records/histograms?${record(r, { most: String(most) })}`);

export const body = <T>(address: string) => ask<T>(address);

export const text = async (address: string) => (await fetch(address)).text();

/** Follows the runs as they grow; the returned function lets go of them. */
export function follow(listener: { from(last: number): void; grown(runs: Record<string, number>): void; lost(error: ApiError): void }): () => void {
  const stream = new EventSource("/api/runs/events");
  stream.addEventListener("from", (e) => listener.from(Number(e.data)));
  stream.addEventListener("grown", (e) => {
    const news = JSON.parse(e.data) as { last: number; runs: Record<string, number> };
    listener.grown(news.runs);
  });
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) listener.lost(new ApiError({ error: "the stream ended", kind: "offline" }));
  };
  return () => stream.close();
}
