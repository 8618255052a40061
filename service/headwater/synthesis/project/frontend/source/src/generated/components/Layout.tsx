import { useEffect, useState } from "react";
import { Link, Outlet, useLocation } from "react-router";

import { application } from "../application";
// @if account
import { useSession } from "../session/session";
import { AccountMenu } from "./AccountMenu";
// @end
import { MenuIcon } from "./icons";
import { Navigation } from "./Navigation";
// @if search
import { SearchBox } from "./SearchBox";
// @end
// @if account
import { Failure, Loading } from "./states";
// @end

/** The frame of every page: head, navigation, a place for notices, and the page itself. */
export function Layout() {
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  return (
    <div className="layout">
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="masthead">
        <button
          type="button"
          className="button button-quiet menu-button"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <MenuIcon />
          <span className="visually-hidden">Menu</span>
        </button>
        <Link className="brand" to="/">
          {application.title}
        </Link>
        {/* @if search */}
        <SearchBox />
        {/* @end */}
        {/* @if account */}
        <AccountMenu />
        {/* @end */}
      </header>
      <Navigation open={open} />
      <main id="main" className="main" tabIndex={-1}>
        <Notice />
        {/* @if account */}
        <Content key={pathname} />
        {/* @else */}
        <Outlet key={pathname} />
        {/* @end */}
      </main>
    </div>
  );
}

/** What was just done, as the page before tells it. */
function Notice() {
  const { state } = useLocation() as { state: { notice?: string } | null };
  return (
    <div role="status" className="notice-place">
      {state?.notice && <p className="notice">{state.notice}</p>}
    </div>
  );
}
// @if account

/** The page, as soon as it is known who asks for it. */
function Content() {
  const session = useSession();
  switch (session.state) {
    case "loading":
      return <Loading />;
    case "failed":
      return <Failure error={session.problem} retry={session.retry} />;
    default:
      return <Outlet />;
  }
}
// @end
