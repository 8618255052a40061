// @if account
import { Navigate, useLocation } from "react-router";

// @end
import type { ReactNode } from "react";

// @if account
import { useSession } from "../session/session";
// @end
import { PageHeader } from "./PageHeader";

/** Shows a page to those who may see it; who is not signed in is asked to, and comes back. */
export function Guard({ allowed, children }: { allowed: boolean; children: ReactNode }) {
  // @if account
  const { state } = useSession();
  const location = useLocation();
  // @end
  if (allowed) {
    return children;
  }
  // @if account
  if (state === "anonymous") {
    const from = location.pathname + location.search;
    return <Navigate to="/login" replace state={{ from }} />;
  }
  // @end
  return (
    <>
      <PageHeader title="Not allowed" />
      <p>You may not see this page.</p>
    </>
  );
}
