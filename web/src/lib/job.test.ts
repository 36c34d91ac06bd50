import { beforeEach, expect, test, vi } from "vitest";

const api = vi.hoisted(() => ({ start: vi.fn(), cancel: vi.fn(), figure: vi.fn(), job: vi.fn() }));
const watchJob = vi.hoisted(() => vi.fn());
vi.mock("./api", () => ({ api, watchJob, failureOf: (error: unknown) => ({ error: String(error), kind: "bug" }) }));

import { Work } from "./job.svelte";
import type { JobStatus } from "./types";

const request = { method: "cam", model: "m", images: [], params: {} } as never;
const running: JobStatus = { job: "j1", figure: "f1", state: "running", done: 0, total: 1 };
type Handlers = { end: (s: JobStatus) => void };

beforeEach(() => {
  vi.resetAllMocks();
  api.cancel.mockResolvedValue(undefined);
  watchJob.mockReturnValue(() => {});
});

test("a job that is cancelled while it is still being asked for is cancelled as soon as it has a name", async () => {
  let answer: (s: JobStatus) => void = () => {};
  api.start.mockReturnValue(new Promise<JobStatus>((resolve) => (answer = resolve)));
  const work = new Work();
  const started = work.start(request);
  expect(work.running).toBe(true);
  work.cancel();
  expect(api.cancel).not.toHaveBeenCalled();

  answer(running);
  await started;
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith("j1");
  const handlers = watchJob.mock.calls[0][1] as Handlers;
  handlers.end({ ...running, state: "cancelled" });
  await vi.waitFor(() => expect(work.status?.state).toBe("cancelled"));
});

test("what was cancelled before does not cancel the next job", async () => {
  api.start.mockResolvedValue(running);
  const work = new Work();
  const first = work.start(request);
  work.cancel();
  await Promise.all([first, work.start(request)]);
  // Only the first: it has been overtaken.
  expect(api.cancel).toHaveBeenCalledTimes(1);
  expect(work.status?.state).toBe("running");
});

test("a job that is cancelled takes the request that waits for it along", async () => {
  vi.useFakeTimers();
  api.start.mockResolvedValue(running);
  const work = new Work();
  await work.start(request);
  work.ask(request);
  work.cancel();
  await vi.advanceTimersByTimeAsync(1000);
  expect(api.start).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

test("of the figures so far only the latest is asked for, one at a time, and the last is shown when the job is stopped", async () => {
  vi.useFakeTimers();
  api.start.mockResolvedValue(running);
  const came: ((figure: unknown) => void)[] = [];
  api.figure.mockImplementation(() => new Promise((resolve) => came.push(resolve)));
  const work = new Work();
  await work.start(request);
  const { progress, end } = watchJob.mock.calls[0][1] as { progress: (s: JobStatus) => void; end: (s: JobStatus) => void };
  for (const partial of [1, 2, 3]) progress({ ...running, partial });
  expect(api.figure).toHaveBeenCalledTimes(1);

  await vi.advanceTimersByTimeAsync(50); // on its way
  came[0]({ kind: "table", rows: [1] });
  await vi.advanceTimersByTimeAsync(100);
  expect(work.figure).toEqual({ kind: "table", rows: [1] });
  expect(work.partial).toBe(true);
  expect(api.figure).toHaveBeenCalledTimes(1); // the page is left alone for a while
  await vi.advanceTimersByTimeAsync(100);
  expect(api.figure).toHaveBeenCalledTimes(2);

  end({ ...running, state: "cancelled", partial: 4 });
  came[1]({ kind: "table", rows: [1, 2] });
  came[2]({ kind: "table", rows: [1, 2, 3] });
  await vi.advanceTimersByTimeAsync(1000);
  expect(work.figure).toEqual({ kind: "table", rows: [1, 2, 3] });
  expect(work.status?.state).toBe("cancelled");
  expect(api.figure).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
});

test("a job whose figure so far is gone ends as it did", async () => {
  api.start.mockResolvedValue(running);
  api.figure.mockRejectedValue(new Error("gone"));
  const work = new Work();
  await work.start(request);
  const { end } = watchJob.mock.calls[0][1] as Handlers;
  end({ ...running, state: "failed", partial: 2, failure: { error: "no memory", kind: "user" } });
  await vi.waitFor(() => expect(work.status?.state).toBe("failed"));
  expect(work.failure?.error).toBe("no memory");

  await work.start(request);
  (watchJob.mock.calls[1][1] as Handlers).end({ ...running, state: "done" });
  await vi.waitFor(() => expect(work.failure?.error).toContain("gone"));
});
