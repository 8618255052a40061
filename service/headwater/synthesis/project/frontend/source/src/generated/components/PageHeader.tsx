import { useEffect, useRef, type ReactNode } from "react";
import { Link, useLocation } from "react-router";

import { application } from "../application";

type Step = { to: string; label: string };

/** The head of a page. On arrival from another page it takes the focus, so that screen readers tell where one is. */
export function PageHeader({
  title,
  trail,
  children,
}: {
  title: string;
  trail?: readonly Step[];
  children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key, pathname } = useLocation();
  const first = key === "default";
  useEffect(() => {
    if (!first) {
      heading.current?.focus();
    }
  }, [first, pathname]);
  return (
    <header className="page-header">
      <title>{`${title} – ${application.title}`}</title>
      <div className="page-heading">
        {trail && (
          <nav aria-label="Breadcrumb">
            <ol className="trail">
              {trail.map((step) => (
                <li key={step.to}>
                  <Link to={step.to}>{step.label}</Link>
                </li>
              ))}
            </ol>
          </nav>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </div>
      {children && <div className="actions">{children}</div>}
    </header>
  );
}
