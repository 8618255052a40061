import {
  QueryClient,
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { ApiError, type Reference } from "../api/http";
import type { Role } from "../application";
import { fieldOf, type Body, type ListQuery, type Model, type Row } from "../models/model";
import { models } from "../models";

const TRIES = 2;

/** Keeps what was loaded; only what may work a second time is tried again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failed, error) =>
          failed < TRIES &&
          error instanceof ApiError &&
          (error.status === 0 || error.status >= 500),
      },
    },
  });
}

/** A page of a list. */
export function useList(model: Model, query: ListQuery, enabled = true) {
  const { list } = model.calls;
  return useQuery({
    queryKey: [model.path, "list", query],
    queryFn: () => called(list)(query),
    placeholderData: keepPreviousData,
    enabled: enabled && list !== undefined,
  });
}

/** One row. */
export function useRow(model: Model, id: number, enabled = true) {
  const { get } = model.calls;
  return useQuery({
    queryKey: [model.path, "row", id],
    queryFn: () => called(get)(id),
    enabled: enabled && get !== undefined && Number.isInteger(id),
  });
}

// @if references
/** Rows of an entity to choose from. */
export function useOptions(path: string, q: string) {
  const options = models[path]?.calls.options;
  return useQuery({
    queryKey: [path, "options", q],
    queryFn: () => called(options)({ q }),
    placeholderData: keepPreviousData,
    enabled: options !== undefined,
  });
}

// @end
// @if history
/** What was changed of a row, and by whom. */
export function useHistory(model: Model, id: number) {
  const { history } = model.calls;
  return useQuery({
    queryKey: [model.path, "history", id],
    queryFn: () => called(history)(id),
    enabled: history !== undefined,
  });
}

// @end
/**
 * The number of the account that a row belongs to, and `null` if it is nobody's or not to be seen; "unknown" where only
 * the API can tell, and nothing as long as it is asked for the rows between.
 */
export function useOwner(model: Model, row: Row, role: Role, enabled: boolean) {
  const path = model.owner ?? [];
  const seen = stepsOf(model, path).every((each) => each.access.read?.[role] !== undefined);
  const near = path.length < 2 || !seen || !enabled;
  const { data, error } = useQuery({
    queryKey: [model.path, "owner", row.id],
    queryFn: () => endOf(model, row, path),
    enabled: !near,
  });
  if (near) {
    return path.length === 1 ? numberOf(row[path[0] ?? ""]) : "unknown";
  }
  return error ? null : data;
}

/** The models of the rows between a row and whose it is. */
export function stepsOf(model: Model, path: readonly string[]): readonly Model[] {
  const [step = "", ...rest] = path;
  const next = rest.length > 0 ? models[fieldOf(model, step)?.target ?? ""] : undefined;
  return next ? [next, ...stepsOf(next, rest)] : [];
}

async function endOf(model: Model, row: Row, path: readonly string[]): Promise<number | null> {
  const [step = "", ...rest] = path;
  const number = numberOf(row[step]);
  const [next] = stepsOf(model, path);
  if (number === null || number === "unknown" || next === undefined) {
    return typeof number === "number" ? number : null;
  }
  return endOf(next, await called(next.calls.get)(number), rest);
}

/** The number of the row that a property stands for. */
function numberOf(value: unknown): number | null | "unknown" {
  if (value === undefined) {
    return "unknown";
  }
  const number = typeof value === "object" ? (value as Reference | null)?.id : value;
  return typeof number === "number" ? number : null;
}

/** Creates a row, or changes one as it was seen. */
export function useSave(model: Model, seen?: Row) {
  const client = useQueryClient();
  const { create, update } = model.calls;
  return useMutation<Row, Error, Body>({
    mutationFn: (body) => (seen ? called(update)(seen.id, body, seen.etag) : called(create)(body)),
    onSuccess: async (row) => {
      client.setQueryData([model.path, "row", row.id], row);
      await client.invalidateQueries();
    },
    onError: refresh(client),
  });
}

/** Deletes a row; what is shown of the row itself is not asked for again. */
export function useDelete(model: Model, { id, etag }: Row) {
  const client = useQueryClient();
  return useMutation<void, Error, void>({
    mutationFn: () => called(model.calls.delete)(id, etag),
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== model.path || queryKey[2] !== id,
      }),
    onError: refresh(client),
  });
}
// @if account

/** Gives somebody another role. */
export function useSetRole(model: Model, { id, etag }: Row) {
  const client = useQueryClient();
  return useMutation<Row, Error, string>({
    mutationFn: (role) => called(model.calls.setRole)(id, role, etag),
    onSuccess: () => client.invalidateQueries(),
    onError: refresh(client),
  });
}
// @end

/** Loads what is shown again if somebody else has changed it. */
function refresh(client: QueryClient) {
  return async (error: Error) => {
    if (error instanceof ApiError && error.stale) {
      await client.invalidateQueries();
    }
  };
}

function called<Call>(call: Call | undefined): Call {
  if (call === undefined) {
    throw new ApiError(404, "The application does not offer this.");
  }
  return call;
}
