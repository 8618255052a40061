import type { RouteObject } from "react-router";

import { Home } from "../custom/home";
import { customRoutes } from "../custom/routes";
import { Layout } from "./components/Layout";
// @if dashboard
import { DashboardPage } from "./pages/DashboardPage";
// @end
import { ErrorPage } from "./pages/ErrorPage";
// @if account
import { LoginPage } from "./pages/LoginPage";
// @end
import { NotFoundPage } from "./pages/NotFoundPage";
// @if account
import { ProfilePage } from "./pages/ProfilePage";
import { RegisterPage } from "./pages/RegisterPage";
// @end
// @if search
import { SearchPage } from "./pages/SearchPage";
// @end
import { entityRoutes } from "./pages/entities";

/** Every page by its path; those of custom/ come first. */
export const routes: RouteObject[] = [
  {
    path: "/",
    element: <Layout />,
    errorElement: <ErrorPage />,
    children: [
      ...customRoutes,
      { index: true, element: <Home /> },
      // @if account
      { path: "login", element: <LoginPage /> },
      { path: "register", element: <RegisterPage /> },
      { path: "profile", element: <ProfilePage /> },
      // @end
      // @if dashboard
      { path: "dashboard", element: <DashboardPage /> },
      // @end
      // @if search
      { path: "search", element: <SearchPage /> },
      // @end
      ...entityRoutes,
      { path: "*", element: <NotFoundPage /> },
    ],
  },
];
