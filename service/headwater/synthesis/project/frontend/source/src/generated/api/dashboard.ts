import type { Role } from "../application";
import { request } from "./http";

/** How many rows there are of an entity, and how many of them have each of the values of a field. */
export type Count = {
  entity: string;
  total: number;
  by: Record<string, Record<string, number>>;
};

export type Dashboard = {
  items: Count[];
};

/** The counts of all that one may read. */
export const dashboard = {
  show: () => request<Dashboard>("GET", "/api/dashboard"),
};

/** Who may see it. */
export const dashboardRoles: readonly Role[] = $dashboardRoles;
