import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { search } from "../api";
import { PageHeader } from "../components/PageHeader";
import { Empty, Loaded } from "../components/states";
import { count } from "../data/format";
import { modelNamed } from "../models";

/** What was found in everything that one may read. */
export function SearchPage() {
  const [parameters] = useSearchParams();
  const q = parameters.get("q") ?? "";
  const query = useQuery({
    queryKey: ["search", q],
    queryFn: () => search.find({ q }),
    enabled: q !== "",
  });
  return (
    <>
      <PageHeader title={q ? `Search: ${q}` : "Search"} />
      {q === "" ? (
        <Empty title="Type what you look for into the search above." />
      ) : (
        <Loaded query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <>
                <p role="status">{count(items.length, "result")}</p>
                <ul className="hits">
                  {items.map(({ entity, id, label }) => {
                    const model = modelNamed(entity);
                    return (
                      <li key={`${entity}.${id}`}>
                        <Link to={`/${model?.path}/${id}`}>{label}</Link>{" "}
                        <span className="tag">{model?.label}</span>
                      </li>
                    );
                  })}
                </ul>
              </>
            ) : (
              <Empty title="Nothing was found." />
            )
          }
        </Loaded>
      )}
    </>
  );
}
