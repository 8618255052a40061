import {
  QueryClient,
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { ApiError } from "../api/http";
import type { Body, ListQuery, Model, Row } from "../models/model";
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
/** Creates a row, or changes the one with the number. */
export function useSave(model: Model, id?: number) {
  const client = useQueryClient();
  const { create, update } = model.calls;
  return useMutation<Row, Error, Body>({
    mutationFn: (body) => (id === undefined ? called(create)(body) : called(update)(id, body)),
    onSuccess: async (row) => {
      client.setQueryData([model.path, "row", row.id], row);
      await client.invalidateQueries();
    },
  });
}

/** Deletes a row; what is shown of the row itself is not asked for again. */
export function useDelete(model: Model, id: number) {
  const client = useQueryClient();
  return useMutation<void, Error, void>({
    mutationFn: () => called(model.calls.delete)(id),
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== model.path || queryKey[2] !== id,
      }),
  });
}
// @if account

/** Gives somebody another role. */
export function useSetRole(model: Model, id: number) {
  const client = useQueryClient();
  return useMutation<Row, Error, string>({
    mutationFn: (role) => called(model.calls.setRole)(id, role),
    onSuccess: () => client.invalidateQueries(),
  });
}
// @end

function called<Call>(call: Call | undefined): Call {
  if (call === undefined) {
    throw new ApiError(404, "The application does not offer this.");
  }
  return call;
}
