import type { FieldModel, Model, Row } from "../models/model";

const VALUES: Record<FieldModel["type"], unknown> = {
  string: "Sample",
  text: "Sample",
  integer: 1,
  decimal: "1.00",
  boolean: true,
  date: "2026-03-05",
  time: "09:30:00",
  datetime: "2026-03-05T09:30:00Z",
  email: "sample@example.com",
  url: "https://example.com",
  phone: "+43 1 588580",
  enum: "",
  file: "sample.pdf",
  secret: "sample-Secret-2026",
  reference: { id: 1, label: "Sample" },
  references: [],
};

/** A row of an entity as the API shows it, that belongs to the account with the number `owner`, or to a row with it. */
export function sampleRow(model: Model, owner = 1): Row {
  const shown = model.fields.filter((field) => field.type !== "secret");
  const row: Row = {
    ...Object.fromEntries(shown.map((field) => [field.name, sample(field)])),
    id: 1,
  };
  const [step] = model.owner ?? [];
  if (step !== undefined && step !== "id") {
    row[step] = { id: owner, label: "Owner" };
  }
  return row;
}

/** A value that a field takes. */
export function sample(field: FieldModel): unknown {
  const { type, minimum = -Infinity, maximum = Infinity } = field;
  if (type === "enum") {
    return field.choices?.[0];
  }
  if (type === "integer" || type === "decimal") {
    const number = Math.ceil(Math.min(Math.max(1, minimum), maximum));
    return type === "integer" ? number : String(number);
  }
  const value = VALUES[type];
  const bounded = type === "string" || type === "text" || type === "secret";
  return bounded ? String(value).padEnd(minimum, "x").slice(0, maximum) : value;
}
