// @if account
import type { Role } from "../application";
// @end
import { request } from "./http";

/** A row that was found: its entity, its number, and what it is called. */
export type Hit = {
  entity: string;
  id: number;
  label: string;
};

export type Found = {
  items: Hit[];
  total: number;
};

/** The search in all that one may read. */
export const search = {
  find: (query: { q: string }) => request<Found>("GET", "/api/search", { query }),
};
// @if account

/** Who may search. */
export const searchRoles: readonly Role[] = $searchRoles;
// @end
