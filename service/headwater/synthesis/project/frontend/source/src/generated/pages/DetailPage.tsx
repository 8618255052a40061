import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { ConfirmDialog } from "../components/ConfirmDialog";
import { Guard } from "../components/Guard";
import { PageHeader } from "../components/PageHeader";
import { Loaded } from "../components/states";
import { Value } from "../components/Value";
import { inSentence } from "../data/format";
import { useDelete, useRow } from "../data/queries";
import { nameOf, type Model, type Row } from "../models/model";
import { useRights, useRowRights } from "../session/access";
// @if history
import { HistorySection } from "./HistorySection";
// @end
import { listOf } from "./FormPage";
import { RelatedSection } from "./RelatedSection";
// @if account
import { RoleSection } from "./RoleSection";
// @end

/** A row with all that is known of it, and the rows that refer to it. */
export function DetailPage({ model }: { model: Model }) {
  const id = Number(useParams().id);
  const rights = useRights(model);
  const query = useRow(model, id, rights.read);
  return (
    <Guard allowed={rights.read}>
      <Loaded query={query}>
        {(row) => (
          <>
            <PageHeader title={nameOf(model, row)} trail={[listOf(model)]}>
              <RowActions model={model} row={row} />
            </PageHeader>
            <RowDetails model={model} row={row} />
          </>
        )}
      </Loaded>
    </Guard>
  );
}

/** What is known of a row. */
export function RowDetails({ model, row }: { model: Model; row: Row }) {
  const shown = model.fields.filter((field) => field.name in row && field.name !== model.display);
  // @if account
  const rights = useRights(model);
  // @end
  // @if history
  const { history } = useRowRights(model, row);
  // @end
  return (
    <>
      <dl className="details">
        {shown.map((field) => (
          <div key={field.name} className={`detail detail-${field.type}`}>
            <dt>{field.label}</dt>
            <dd>
              <Value field={field} value={row[field.name]} />
            </dd>
          </div>
        ))}
      </dl>
      {/* @if account */}
      {rights.setRole && <RoleSection model={model} row={row} />}
      {/* @end */}
      {model.related.map((related) => (
        <RelatedSection key={`${related.path}.${related.filter}`} related={related} id={row.id} />
      ))}
      {/* @if history */}
      {model.calls.history && history && <HistorySection model={model} id={row.id} />}
      {/* @end */}
    </>
  );
}

/** The buttons of what one may do with a row. */
export function RowActions({ model, row }: { model: Model; row: Row }) {
  const rights = useRowRights(model, row);
  const [asking, setAsking] = useState(false);
  return (
    <>
      {rights.update && (
        <Link className="button" to={`/${model.path}/${row.id}/edit`}>
          Edit
        </Link>
      )}
      {rights.delete && (
        <button type="button" className="button button-quiet" onClick={() => setAsking(true)}>
          Delete
        </button>
      )}
      {asking && <DeleteDialog model={model} row={row} onClose={() => setAsking(false)} />}
    </>
  );
}

/** What is deleted with a row, in the middle of a sentence. */
function along(model: Model): string {
  const labels = model.related.filter(({ goes }) => goes).map(({ label }) => inSentence(label));
  return labels.length > 0 ? `, and with it what belongs to it: ${labels.join(", ")}` : "";
}

function DeleteDialog({ model, row, onClose }: { model: Model; row: Row; onClose: () => void }) {
  const navigate = useNavigate();
  const deleting = useDelete(model, row);
  const notice = `${nameOf(model, row)} was deleted.`;
  return (
    <ConfirmDialog
      title={`Delete this ${inSentence(model.label)}?`}
      text={`${nameOf(model, row)} will be gone for good${along(model)}.`}
      action="Delete"
      busy={deleting.isPending}
      error={deleting.error}
      onConfirm={() =>
        deleting.mutate(undefined, {
          onSuccess: () => void navigate(`/${model.path}`, { state: { notice } }),
        })
      }
      onClose={onClose}
    />
  );
}
