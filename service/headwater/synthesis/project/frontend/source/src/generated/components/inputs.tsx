import type { FieldModel } from "../models/model";
import type { FormValue } from "../data/values";
import { humanise } from "../data/format";

/** What every input of a form is given. */
export type InputProps = {
  field: FieldModel;
  value: FormValue;
  invalid: boolean;
  id: string;
  describedBy: string | undefined;
  onChange: (value: FormValue) => void;
};

const KINDS: Partial<Record<FieldModel["type"], string>> = {
  email: "email",
  url: "url",
  phone: "tel",
  date: "date",
  time: "time",
  datetime: "datetime-local",
  secret: "password",
};
const KEYBOARDS: Partial<Record<FieldModel["type"], "numeric" | "decimal">> = {
  integer: "numeric",
  decimal: "decimal",
};

/** One line: texts, numbers, dates. Numbers are typed as text, since browsers drop what they cannot read. */
export function LineInput({ field, value, ...props }: InputProps) {
  return (
    <input
      className="input"
      type={KINDS[field.type] ?? "text"}
      inputMode={KEYBOARDS[field.type]}
      autoComplete={field.autoComplete}
      value={String(value)}
      {...attributes(field, props)}
    />
  );
}

export function TextInput({ field, value, ...props }: InputProps) {
  return (
    <textarea className="input" rows={6} value={String(value)} {...attributes(field, props)} />
  );
}

/** One of a few; `choices` are pairs of a value and what is shown of it, `empty` is what stands for none of them. */
export function ChoiceInput({
  field,
  value,
  choices = (field.choices ?? []).map((each) => [each, humanise(each)] as const),
  empty = field.required ? "Choose…" : "None",
  ...props
}: InputProps & { choices?: readonly (readonly [string, string])[]; empty?: string }) {
  return (
    <select className="input" value={String(value)} {...attributes(field, props)}>
      <option value="">{empty}</option>
      {choices.map(([each, label]) => (
        <option key={each} value={each}>
          {label}
        </option>
      ))}
    </select>
  );
}

const YES_OR_NO = [
  ["true", "Yes"],
  ["false", "No"],
] as const;

/** Yes or no: a box to tick, or a choice of three where it may be unknown. */
export function TruthInput(props: InputProps & { empty?: string }) {
  const { field, value, id, describedBy, onChange } = props;
  if (!field.required) {
    return <ChoiceInput {...props} choices={YES_OR_NO} />;
  }
  return (
    <input
      type="checkbox"
      className="checkbox"
      id={id}
      checked={value === true}
      aria-describedby={describedBy}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

/** What every control of a form has. */
export function attributes(
  field: FieldModel,
  { id, invalid, describedBy, onChange }: Omit<InputProps, "field" | "value">,
) {
  return {
    id,
    required: field.required,
    "aria-invalid": invalid || undefined,
    "aria-describedby": describedBy,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
}
