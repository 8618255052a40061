import { Link } from "react-router";

/** What is shown where a page broke. */
export function ErrorPage() {
  return (
    <main className="lonely">
      <h1>Something went wrong.</h1>
      <p>
        It helps to load the page again. <Link to="/">Go to the start page</Link>
      </p>
    </main>
  );
}
