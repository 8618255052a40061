import { Link } from "react-router";

import { PageHeader } from "../components/PageHeader";

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="There is no such page." />
      <p>
        The address may be mistyped. <Link to="/">Go to the start page</Link>
      </p>
    </>
  );
}
