import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { dashboard, dashboardRoles } from "../api";
import type { Count } from "../api/dashboard";
import { Guard } from "../components/Guard";
import { PageHeader } from "../components/PageHeader";
import { Loaded } from "../components/states";
import { format, humanise } from "../data/format";
import { modelNamed } from "../models";
import { useSession } from "../session/session";

/** How much there is of everything that one may read. */
export function DashboardPage() {
  const { role } = useSession();
  const allowed = dashboardRoles.includes(role);
  const query = useQuery({
    queryKey: ["dashboard"],
    queryFn: () => dashboard.show(),
    enabled: allowed,
  });
  return (
    <Guard allowed={allowed}>
      <PageHeader title="Dashboard" />
      <Loaded query={query}>
        {({ items }) => (
          <ul className="cards">
            {items.map((each) => (
              <CountCard key={each.entity} count={each} />
            ))}
          </ul>
        )}
      </Loaded>
    </Guard>
  );
}

/** How many rows there are of an entity, and of each of its kinds. */
function CountCard({ count: { entity, total, by } }: { count: Count }) {
  const model = modelNamed(entity);
  const parts = Object.entries(by).flatMap(([name, counts]) =>
    Object.entries(counts).map(([value, number]) => ({ name, value, number })),
  );
  return (
    <li className="card">
      <h2>
        <Link to={`/${model?.path}`}>{model?.plural}</Link>
      </h2>
      <p className="figure">{figure(total)}</p>
      {parts.length > 0 && (
        <ul className="parts">
          {parts.map(({ name, value, number }) => (
            <li key={`${name}.${value}`}>
              <Link to={`/${model?.path}?${new URLSearchParams({ [name]: value }).toString()}`}>
                {humanise(value)}
              </Link>{" "}
              {figure(number)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function figure(number: number): string {
  return format({ type: "integer" }, number);
}
