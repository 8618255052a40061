import { Loaded } from "../components/states";
import { format, humanise } from "../data/format";
import { useHistory } from "../data/queries";
import { fieldOf, type Model } from "../models/model";

const DONE: Record<string, string> = { create: "Created", update: "Changed", delete: "Deleted" };

/** Who changed what of a row, and when. */
export function HistorySection({ model, id }: { model: Model; id: number }) {
  const query = useHistory(model, id);
  return (
    <section className="section">
      <header className="section-header">
        <h2>History</h2>
      </header>
      <Loaded query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <ol className="history">
              {items.map((change) => (
                <li key={change.id}>
                  <time dateTime={change.at}>{format({ type: "datetime" }, change.at)}</time>{" "}
                  <strong>{DONE[change.action] ?? humanise(change.action)}</strong>
                  {/* @if account */}
                  {change.actor && ` by ${change.actor.label}`}
                  {/* @end */}
                  <ChangedFields model={model} names={Object.keys(change.changes)} />
                </li>
              ))}
            </ol>
          ) : (
            <p className="nothing">Nothing was changed yet.</p>
          )
        }
      </Loaded>
    </section>
  );
}

function ChangedFields({ model, names }: { model: Model; names: string[] }) {
  const labels = names.map((name) => labelOf(model, name));
  return labels.length > 0 && <span className="hint">{labels.join(", ")}</span>;
}

/** The label of an attribute; relations are kept by their numbers, as `author_id`. */
function labelOf(model: Model, name: string): string {
  const field = fieldOf(model, name) ?? fieldOf(model, name.replace(/_id$/, ""));
  return field?.label ?? humanise(name);
}
