import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { Form } from "../components/Form";
import { Guard } from "../components/Guard";
import { PageHeader } from "../components/PageHeader";
import { Loaded, Loading } from "../components/states";
import { inSentence } from "../data/format";
import { useRow, useSave } from "../data/queries";
import { nameOf, type FieldModel, type Model, type Row } from "../models/model";
import { useGives, useRights, useRowRights } from "../session/access";

/** Creates a row. Parameters of the address, such as `post_id=3`, fill in what is known already. */
export function CreatePage({ model }: { model: Model }) {
  const rights = useRights(model);
  const gives = useGives(model, "create");
  const save = useSave(model);
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const preset = Object.fromEntries(parameters);
  const parent = model.fields.find((field) => field.target && preset[field.input ?? ""]);
  const back = parent
    ? `/${parent.target}/${preset[parent.input ?? ""]}`
    : rights.read
      ? `/${model.path}`
      : "/";
  const title = `New ${inSentence(model.label)}`;
  return (
    <Guard allowed={rights.create}>
      <PageHeader title={title} trail={rights.read ? [listOf(model)] : undefined} />
      <Form
        fields={inputsOf(model, gives)}
        preset={preset}
        action="Create"
        onSubmit={async (body) => {
          const row = await save.mutateAsync(body);
          const notice = `${nameOf(model, row)} was created.`;
          const to = parent || !rights.read ? back : `/${model.path}/${row.id}`;
          await navigate(to, { state: { notice } });
        }}
        onCancel={() => void navigate(back)}
      />
    </Guard>
  );
}

/** Changes a row. */
export function EditPage({ model }: { model: Model }) {
  const id = Number(useParams().id);
  const rights = useRights(model);
  const query = useRow(model, id, rights.read);
  return (
    <Guard allowed={rights.read}>
      <Loaded query={query}>
        {(row) =>
          // What was kept from another page may be an older version than there is.
          query.isFetchedAfterMount ? <Edit key={row.id} model={model} row={row} /> : <Loading />
        }
      </Loaded>
    </Guard>
  );
}

function Edit({ model, row }: { model: Model; row: Row }) {
  const rights = useRowRights(model, row);
  if (!rights.known) {
    return <Loading />;
  }
  return (
    <Guard allowed={rights.update}>
      <Change model={model} row={row} />
    </Guard>
  );
}

/** The form begins with the row as it was first seen, whatever becomes of it meanwhile: that version is changed. */
function Change({ model, row }: { model: Model; row: Row }) {
  const [seen, setSeen] = useState(row);
  const gives = useGives(model, "update");
  const save = useSave(model, seen);
  const navigate = useNavigate();
  const path = `/${model.path}/${row.id}`;
  return (
    <>
      <PageHeader
        title={`Edit ${nameOf(model, row)}`}
        trail={[listOf(model), { to: path, label: nameOf(model, row) }]}
      />
      <Form
        key={seen.etag}
        fields={inputsOf(model, gives)}
        row={seen}
        action="Save"
        onSubmit={async (body) => {
          if (Object.keys(body).length > 0) {
            await save.mutateAsync(body);
          }
          await navigate(path, { state: { notice: "Your changes were saved." } });
        }}
        onCancel={() => void navigate(path)}
        onReload={() => setSeen(row)}
      />
    </>
  );
}

/** The fields of a form; whose a row is, is asked of those who may write all rows. */
export function inputsOf(model: Model, gives: boolean): readonly FieldModel[] {
  return model.fields.filter((field) => field.input !== undefined && (gives || !field.claims));
}

export function listOf(model: Model) {
  return { to: `/${model.path}`, label: model.plural };
}
