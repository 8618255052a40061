import { Link } from "react-router";

import { application } from "../generated/application";
import { ArrowIcon } from "../generated/components/icons";
import { usePlaces } from "../generated/components/Navigation";
// @if account
import { useSession } from "../generated/session/session";
// @end

/** The start page. It is yours: what is written here stays when the application is generated again. */
export function Home() {
  const places = usePlaces();
  // @if account
  const { state } = useSession();
  // @end
  return (
    <>
      <title>{application.title}</title>
      <section className="hero">
        <h1>{application.title}</h1>
        <p className="lead">{application.description}</p>
        {/* @if account */}
        {state === "anonymous" && (
          <div className="actions">
            <Link className="button button-primary" to="/register">
              Get started
            </Link>
            <Link className="button" to="/login">
              Sign in
            </Link>
          </div>
        )}
        {/* @end */}
      </section>
      {places.length > 0 && (
        <ul className="cards" aria-label="Pages">
          {places.map(({ to, label, description }) => (
            <li key={to} className="card card-link">
              <Link to={to}>
                {label}
                <ArrowIcon />
              </Link>
              {description && <p>{description}</p>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
