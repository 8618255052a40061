import { vi } from "vitest";

export type Call = {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  /** The version of a row that a change is meant for. */
  version: string | null;
};

type Answer = Response | Promise<Response>;

/** Answers calls of the API in place of a server, and notes them. What nobody answers is not found. */
export function serve(answer: (call: Call) => Answer | undefined): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, "http://localhost");
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : init.body;
    const call = {
      method: init.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      body,
      version: new Headers(init.headers).get("If-Match"),
    };
    calls.push(call);
    return answer(call) ?? problem(404, "There is no such thing.");
  });
  return calls;
}

export function json(value: unknown, status = 200, etag?: string): Response {
  const headers = new Headers({ "Content-Type": "application/json" });
  if (etag) {
    headers.set("ETag", etag);
  }
  return new Response(JSON.stringify(value), { status, headers });
}

/** An error as the API tells it. */
export function problem(status: number, detail: string, errors: unknown[] = []): Response {
  return json({ title: "Problem", status, detail, errors }, status);
}

export function listOf(rows: unknown[]): Response {
  return json({ items: rows, total: rows.length, limit: 20, offset: 0 });
}
