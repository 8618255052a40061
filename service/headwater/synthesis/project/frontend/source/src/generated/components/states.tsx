import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ApiError } from "../api/http";
import { EmptyIcon } from "./icons";

/** Shows what was loaded, or how far that is. */
export function Loaded<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}) {
  if (query.isError) {
    return <Failure error={query.error} retry={() => void query.refetch()} />;
  }
  if (query.data === undefined) {
    return <Loading />;
  }
  return <div aria-busy={query.isPlaceholderData}>{children(query.data)}</div>;
}

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading…</span>
      <span className="skeleton" />
      <span className="skeleton" />
      <span className="skeleton" />
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const known = error instanceof ApiError;
  const gone = known && error.status === 404;
  return (
    <div className="state state-failure" role="alert">
      <p className="state-title">{gone ? "This is not here." : "This did not work."}</p>
      <p>{gone ? "It may have been deleted, or you may not see it." : error.message}</p>
      {retry && !gone && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <EmptyIcon />
      <p className="state-title">{title}</p>
      {children}
    </div>
  );
}
