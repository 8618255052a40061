import type { ReactNode } from "react";

// @if references
import type { Reference } from "../api/http";
// @end
import type { FormValue } from "../data/values";
import type { FieldModel } from "../models/model";
// @if files
import { FileInput } from "./FileInput";
// @end
import { ChoiceInput, LineInput, TextInput, TruthInput, type InputProps } from "./inputs";
// @if many
import { ReferenceInput, ReferencesInput } from "./references";
// @else
// @if references
import { ReferenceInput } from "./references";
// @end
// @end

/** A labelled input with its hint and what is wrong with it. */
export function Field({
  form,
  field,
  value,
  error,
  hint,
  known,
  onChange,
}: {
  form: string;
  field: FieldModel;
  value: FormValue;
  error: string | undefined;
  hint: string | undefined;
  known?: unknown;
  onChange: (value: FormValue) => void;
}) {
  const id = `${form}-${field.name}`;
  const told = hint ?? bounds(field);
  const described = [told && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const invalid = error !== undefined;
  const describedBy = described || undefined;
  const frame = {
    field,
    id,
    invalid,
    // @if many
    describedBy,
    // @end
  };
  return (
    <Frame {...frame}>
      {told && (
        <p className="hint" id={`${id}-hint`}>
          {told}
        </p>
      )}
      {input({ field, value, id, invalid, describedBy, onChange }, known)}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </Frame>
  );
}

function Frame({
  field,
  id,
  invalid,
  // @if many
  describedBy,
  // @end
  children,
}: {
  field: FieldModel;
  id: string;
  invalid: boolean;
  // @if many
  describedBy: string | undefined;
  // @end
  children: ReactNode;
}) {
  const label = (
    <>
      {field.label}
      {!field.required && <span className="optional"> (optional)</span>}
    </>
  );
  // @if many
  if (field.type === "references") {
    return (
      <fieldset
        id={id}
        className="field"
        data-invalid={invalid || undefined}
        aria-describedby={describedBy}
      >
        <legend>{label}</legend>
        {children}
      </fieldset>
    );
  }
  // @end
  return (
    <div className={`field field-${field.type}`} data-invalid={invalid || undefined}>
      <label htmlFor={id}>{label}</label>
      {children}
    </div>
  );
}

function input(props: InputProps, known: unknown): ReactNode {
  switch (props.field.type) {
    case "text":
      return <TextInput {...props} />;
    case "boolean":
      return <TruthInput {...props} />;
    case "enum":
      return <ChoiceInput {...props} />;
    // @if files
    case "file":
      return <FileInput {...props} />;
    // @end
    // @if references
    case "reference":
      return <ReferenceInput {...props} known={known ? [known as Reference] : []} />;
    // @end
    // @if many
    case "references":
      return <ReferencesInput {...props} known={(known ?? []) as Reference[]} />;
    // @end
    default:
      return <LineInput {...props} />;
  }
}

/** The bounds of a number, and how long a text is at least; that it is too long is told when it is. */
function bounds({ type, minimum, maximum }: FieldModel): string | undefined {
  if (type !== "integer" && type !== "decimal") {
    return minimum !== undefined && minimum > 1 ? `At least ${minimum} characters` : undefined;
  }
  if (minimum === undefined) {
    return maximum === undefined ? undefined : `At most ${maximum}`;
  }
  return maximum === undefined ? `At least ${minimum}` : `From ${minimum} to ${maximum}`;
}
