import { NavLink } from "react-router";

import { models } from "../models";
import type { Model } from "../models/model";
import { rightsOf } from "../session/access";
import { useSession } from "../session/session";
// @if dashboard
import { dashboardRoles } from "../api";
// @end

/** Where one may go. */
export function Navigation({ open }: { open: boolean }) {
  const places = usePlaces();
  // @if account
  const { state } = useSession();
  // @end
  return (
    <nav id="navigation" className="navigation" data-open={open} aria-label="Main">
      <ul>
        <li>
          <NavLink to="/" end>
            Start
          </NavLink>
        </li>
        {places.map(({ to, label }) => (
          <li key={to}>
            <NavLink to={to}>{label}</NavLink>
          </li>
        ))}
        {/* @if account */}
        {state === "ready" && (
          <li className="narrow-only">
            <NavLink to="/profile">Your account</NavLink>
          </li>
        )}
        {/* @end */}
      </ul>
    </nav>
  );
}

export type Place = { to: string; label: string; description: string };

/** The pages that somebody may open: lists, and forms for what one may write without reading. */
export function usePlaces(): readonly Place[] {
  const { role } = useSession();
  const lists = Object.values(models).flatMap((model) => place(model, rightsOf(model, role)));
  // @if dashboard
  if (dashboardRoles.includes(role)) {
    return [
      { to: "/dashboard", label: "Dashboard", description: "What there is, in numbers." },
      ...lists,
    ];
  }
  // @end
  return lists;
}

function place(model: Model, { read, create }: { read: boolean; create: boolean }): Place[] {
  if (!read && !create) {
    return [];
  }
  const to = read ? `/${model.path}` : `/${model.path}/new`;
  return [{ to, label: model.plural, description: model.description }];
}
