import { Link } from "react-router";

import { Loaded } from "../components/states";
import { Table } from "../components/Table";
import { count } from "../data/format";
import { useList } from "../data/queries";
import { models } from "../models";
import type { Model, Related } from "../models/model";
import { useRights } from "../session/access";
import { NewLink } from "./ListPage";

const SHOWN = 5;

/** The rows of another entity that refer to a row, the first of them. */
export function RelatedSection({ related, id }: { related: Related; id: number }) {
  const model = models[related.path];
  return model ? <RelatedRows model={model} related={related} id={id} /> : null;
}

function RelatedRows({ model, related, id }: { model: Model; related: Related; id: number }) {
  const rights = useRights(model);
  const query = useList(model, { [related.filter]: id, limit: SHOWN }, rights.read);
  if (!rights.read) {
    return null;
  }
  const field = model.fields.find(({ filter }) => filter === related.filter);
  const preset = field?.input !== undefined && field.type === "reference";
  const columns = model.columns.filter((name) => name !== field?.name);
  return (
    <section className="section">
      <header className="section-header">
        <h2>{related.label}</h2>
        {preset && <NewLink model={model} search={`?${related.filter}=${id}`} />}
      </header>
      <Loaded query={query}>
        {({ items, total }) => (
          <>
            {items.length > 0 ? (
              <Table model={model} rows={items} caption={related.label} columns={columns} />
            ) : (
              <p className="nothing">There are none yet.</p>
            )}
            {total > items.length && (
              <Link to={`/${model.path}?${related.filter}=${id}`}>
                Show all {count(total, "result")}
              </Link>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
