// @if account
import { readToken, writeToken } from "../session/token";

// @end
/** Another row, as it is shown where it is referred to. */
export type Reference = { id: number; label: string };

/** A part of a list. */
export type Page<Row> = { items: Row[]; total: number; limit: number; offset: number };

/** The version of a row, for a change that is meant for no other. */
export type Versioned = { etag?: string };

/** How a list is sorted; a minus turns it round. */
export type Sort<Name extends string> = Name | `-${Name}`;

/** What every list takes. */
export type PageQuery = { limit?: number; offset?: number };

export type FieldError = { field: string; message: string };

export type QueryValue = string | number | boolean | null | undefined;

type Options = { query?: Record<string, QueryValue>; body?: unknown } & Versioned;

const UNREACHABLE = "The server cannot be reached. Check the connection and try again.";

/** An answer that is no success, as told by problem+json (RFC 9457); status 0: there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: FieldError[];

  constructor(status: number, message: string, errors: FieldError[] = []) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.errors = errors;
  }

  /** Somebody else has changed the row since it was loaded. */
  get stale(): boolean {
    return this.status === 412;
  }
}

/** Calls the API and returns what it answers; raises an ApiError. */
export async function request<Answer>(
  method: string,
  path: string,
  options: Options = {},
): Promise<Answer> {
  const response = await send(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** The same for a row, which comes with its version. */
export async function row<Answer extends object>(
  method: string,
  path: string,
  options: Options = {},
): Promise<Answer & Versioned> {
  const response = await send(method, path, options);
  const etag = response.headers.get("ETag") ?? undefined;
  return { ...((await response.json()) as Answer), etag };
}
// @if blobs

/** Calls the API for a file. */
export async function download(path: string): Promise<Blob> {
  const response = await send("GET", path, {});
  return response.blob();
}
// @end

async function send(method: string, path: string, options: Options): Promise<Response> {
  const { query, body, etag } = options;
  const headers = new Headers({ Accept: "application/json, */*" });
  if (etag) {
    headers.set("If-Match", etag);
  }
  const form = body instanceof FormData;
  if (body !== undefined && !form) {
    headers.set("Content-Type", "application/json");
  }
  // @if account
  const token = readToken();
  if (token) {
    headers.set("Authorization", `Bearer ${token}`);
  }
  // @end
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    init.body = form ? body : JSON.stringify(body);
  }
  const response = await fetch(path + search(query), init).catch(() => {
    throw new ApiError(0, UNREACHABLE);
  });
  if (!response.ok) {
    // @if account
    if (response.status === 401 && token && token === readToken()) {
      writeToken(null);
    }
    // @end
    throw await problem(response);
  }
  return response;
}

function search(query: Options["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

async function problem(response: Response): Promise<ApiError> {
  const told: unknown = await response.json().catch(() => null);
  const { title, detail, errors } = (told ?? {}) as Record<string, unknown>;
  const message = [detail, title].find((each) => typeof each === "string" && each !== "");
  return new ApiError(
    response.status,
    typeof message === "string" ? message : `The server answered with status ${response.status}.`,
    Array.isArray(errors) ? errors.filter(isFieldError) : [],
  );
}

function isFieldError(value: unknown): value is FieldError {
  const { field, message } = (value ?? {}) as Record<string, unknown>;
  return typeof field === "string" && typeof message === "string";
}
