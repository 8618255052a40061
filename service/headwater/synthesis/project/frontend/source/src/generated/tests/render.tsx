import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";
import { RouterProvider, createMemoryRouter, type RouteObject } from "react-router";

import { anonymous, type Role } from "../application";
// @if account
import { account } from "../models";
// @end
import { routes } from "../router";
// @if account
import { SessionProvider } from "../session/session";
import { writeToken } from "../session/token";
import { sampleRow } from "./rows";
// @end
import { json, listOf, serve, type Call } from "./server";

/** Opens the application at a path. */
export function open(path: string) {
  return show(routes, path);
}

/** Shows something as it would be inside of the application. */
export function mount(element: ReactElement) {
  return show([{ path: "/", element }], "/");
}

function show(pages: RouteObject[], path: string) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(pages, { initialEntries: [path] });
  render(
    <QueryClientProvider client={client}>
      {/* @if account */}
      <SessionProvider>
        <RouterProvider router={router} />
      </SessionProvider>
      {/* @else */}
      <RouterProvider router={router} />
      {/* @end */}
    </QueryClientProvider>,
  );
  return router;
}

type Answer = (call: Call) => Response | undefined;

/** Answers calls as a server would that has no rows, to somebody with a role; `answer` is asked first. */
export function serveAs(role: Role, answer: Answer = () => undefined): Call[] {
  // @if account
  writeToken(role === anonymous ? null : TOKEN);
  return serve((call) => answer(call) ?? signedIn(role, call) ?? nothing(call));
  // @else
  return serve((call) => (role === anonymous ? answer(call) : undefined) ?? nothing(call));
  // @end
}

function nothing({ method, path }: Call): Response | undefined {
  if (method !== "GET") {
    return undefined;
  }
  return path.endsWith("/options") ? json([]) : listOf([]);
}
// @if account

const TOKEN = "token-of-a-test";

/** What the account with the number 1 is told of itself, and when it signs in. */
function signedIn(role: Role, { path }: Call): Response | undefined {
  if (path === "/api/auth/login") {
    return json({ access_token: TOKEN, token_type: "bearer", expires_in: 60 });
  }
  return path === "/api/auth/me" ? json({ ...sampleRow(account), role }) : undefined;
}
// @end
