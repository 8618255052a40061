import type { RouteObject } from "react-router";

/** Pages of your own, inside the frame of the application; one with the path of a generated page takes its place. */
export const customRoutes: RouteObject[] = [];
