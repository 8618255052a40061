import { useEffect, useId, useRef, useState, type FormEvent } from "react";

import { ApiError } from "../api/http";
import { toBody, toForm, type FormValue } from "../data/values";
import { validate, type Errors } from "../data/validation";
import type { Body, FieldModel, Row } from "../models/model";
import { Field } from "./Field";

/** A form for a new row, or for a `row`. Faults are told at their fields, be they found here or by the API. */
export function Form({
  fields,
  row,
  preset,
  action,
  onSubmit,
  onCancel,
  onReload,
}: {
  fields: readonly FieldModel[];
  row?: Row;
  preset?: Record<string, string>;
  action: string;
  onSubmit: (body: Body) => Promise<void>;
  onCancel?: () => void;
  /** Begins again with the row as it is now, where somebody else has changed it. */
  onReload?: () => void;
}) {
  const id = useId();
  const inputs = row ? fields.map(changeable) : fields;
  const [before] = useState(() => toForm(inputs, row, preset));
  const [values, setValues] = useState(before);
  const [faults, setFaults] = useState<Faults>({ errors: {}, failure: "" });
  const [busy, setBusy] = useState(false);
  const form = useFocusOnFault(faults);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const errors = validate(inputs, values);
    setFaults({ errors, failure: "" });
    if (Object.keys(errors).length > 0) {
      return;
    }
    setBusy(true);
    await onSubmit(toBody(inputs, values, row && before)).catch((error: unknown) =>
      setFaults(told(inputs, error)),
    );
    setBusy(false);
  };
  const change = (name: string, value: FormValue) => {
    setValues((former) => ({ ...former, [name]: value }));
  };

  return (
    <form className="form" ref={form} noValidate onSubmit={(event) => void submit(event)}>
      {faults.failure && (
        <div className="state state-failure" role="alert">
          <p>{faults.failure}</p>
          {faults.stale && onReload && (
            <>
              <p>Loading it again shows what it is now; what you have entered here is lost.</p>
              <button type="button" className="button" onClick={onReload}>
                Load again
              </button>
            </>
          )}
        </div>
      )}
      {inputs.map((field) => (
        <Field
          key={field.name}
          form={id}
          field={field}
          value={values[field.name] ?? ""}
          error={faults.errors[field.name]}
          hint={row && field.type === "secret" ? "Leave it empty to keep it as it is." : undefined}
          known={row?.[field.name]}
          onChange={(value) => change(field.name, value)}
        />
      ))}
      <div className="actions">
        <button type="submit" className="button button-primary" disabled={busy}>
          {action}
        </button>
        {onCancel && (
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

/** What is wrong with fields, what is wrong beside them, and whether that is because the row has changed. */
type Faults = { errors: Errors; failure: string; stale?: boolean };

/** Goes to the first field with a fault, each time that a form was checked. */
function useFocusOnFault(faults: Faults) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current
      ?.querySelector<HTMLElement>("[data-invalid] :is(input, select, textarea)")
      ?.focus();
  }, [faults]);
  return form;
}

/** A field of a row that is there already: a secret may stay as it is. */
function changeable(field: FieldModel): FieldModel {
  return field.type === "secret" ? { ...field, required: false } : field;
}

function told(fields: readonly FieldModel[], error: unknown): Faults {
  if (!(error instanceof ApiError)) {
    throw error;
  }
  const errors: Errors = {};
  const rest: string[] = [];
  for (const { field, message } of error.errors) {
    const [name] = field.split(".");
    const meant = fields.find((each) => each.input === name);
    if (meant) {
      errors[meant.name] = message;
    } else {
      rest.push(message);
    }
  }
  const placed = Object.keys(errors).length > 0;
  const failure = rest.join(" ") || (placed ? "" : error.message);
  return { errors, failure, stale: error.stale };
}
