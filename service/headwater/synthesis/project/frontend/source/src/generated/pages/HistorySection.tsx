import type { Reference } from "../api/http";
import { Loaded } from "../components/states";
import { format, humanise } from "../data/format";
import { useHistory } from "../data/queries";
import { fieldOf, type FieldModel, type Model } from "../models/model";

const DONE: Record<string, string> = { create: "Created", update: "Changed", delete: "Deleted" };

/** How much is shown of a text. */
const LONGEST = 80;

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
                  <Changes model={model} changes={change.changes} />
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

/** What was in each field before, and after. */
function Changes({ model, changes }: { model: Model; changes: Record<string, unknown> }) {
  return (
    <ul className="changes">
      {Object.entries(changes).map(([name, change]) => {
        const field = fieldOf(model, name);
        const { before, after } = (change ?? {}) as { before?: unknown; after?: unknown };
        const [past, present] = [before, after].map((value) => told(field, value));
        return (
          <li key={name}>
            {field?.label ?? humanise(name)}: {past && <del>{past}</del>}{" "}
            {present ? <ins>{present}</ins> : <span className="nothing">nothing</span>}
          </li>
        );
      })}
    </ul>
  );
}

/** A value of a field, or what other rows are called; a long text is cut. */
function told(field: FieldModel | undefined, value: unknown): string {
  const labels = [value].flat().map((each) => {
    const label = typeof each === "object" && each ? (each as Reference).label : undefined;
    return label ?? format({ type: field?.type ?? "string" }, each);
  });
  const text = labels.join(", ");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
