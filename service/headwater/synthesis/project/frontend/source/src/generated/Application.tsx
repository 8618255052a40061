import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider, createBrowserRouter } from "react-router";

import { createQueryClient } from "./data/queries";
import { routes } from "./router";
// @if account
import { SessionProvider } from "./session/session";
// @end

/** The whole application: data, session and pages. */
export function Application() {
  const [client] = useState(createQueryClient);
  const [router] = useState(() => createBrowserRouter(routes));
  return (
    <QueryClientProvider client={client}>
      {/* @if account */}
      <SessionProvider>
        <RouterProvider router={router} />
      </SessionProvider>
      {/* @else */}
      <RouterProvider router={router} />
      {/* @end */}
    </QueryClientProvider>
  );
}
