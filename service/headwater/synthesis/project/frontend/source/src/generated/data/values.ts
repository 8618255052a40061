import type { Reference } from "../api/http";
import type { Body, FieldModel, Row } from "../models/model";

/** What an input of a form holds. */
export type FormValue = string | boolean | number[];

export type FormValues = Record<string, FormValue>;

/** The values that a form begins with: those of a row, or those of a new one. */
export function toForm(
  fields: readonly FieldModel[],
  row?: Row,
  preset: Record<string, string> = {},
): FormValues {
  const entries = fields.map((field) => {
    const value = row ? row[field.name] : (preset[field.input ?? ""] ?? initial(field));
    return [field.name, formValue(field, value)] as const;
  });
  return Object.fromEntries(entries);
}

/** The body of a request. For a row that is there already it holds what was changed, and nothing else. */
export function toBody(
  fields: readonly FieldModel[],
  values: FormValues,
  before?: FormValues,
): Body {
  const body: Body = {};
  for (const field of fields) {
    const value = values[field.name];
    const same =
      before !== undefined && JSON.stringify(value) === JSON.stringify(before[field.name]);
    const given = value === undefined || same ? undefined : bodyValue(field, value);
    if (field.input && given !== undefined) {
      body[field.input] = given;
    }
  }
  return body;
}

function initial(field: FieldModel): unknown {
  if (field.initial !== "now") {
    return field.initial;
  }
  const now = new Date().toISOString();
  return field.type === "date" ? localMoment(now).slice(0, 10) : now;
}

function formValue(field: FieldModel, value: unknown): FormValue {
  switch (field.type) {
    case "references":
      return Array.isArray(value) ? value.map((each: Reference) => each.id) : [];
    case "reference":
      return text(typeof value === "object" && value ? (value as Reference).id : value);
    case "boolean":
      return field.required ? value === true : text(value);
    case "datetime":
      return value ? localMoment(text(value)) : "";
    case "time":
      return text(value).slice(0, 8);
    default:
      return text(value);
  }
}

function bodyValue(field: FieldModel, value: FormValue): unknown {
  if (typeof value !== "string") {
    return value;
  }
  const trimmed = field.type === "secret" ? value : value.trim();
  if (trimmed === "") {
    return field.required ? undefined : null;
  }
  switch (field.type) {
    case "integer":
    case "reference":
      return Number(trimmed);
    case "boolean":
      return trimmed === "true";
    case "datetime":
      return new Date(trimmed).toISOString();
    case "time":
      return trimmed.length === 5 ? `${trimmed}:00` : trimmed;
    default:
      return trimmed;
  }
}

function text(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

/** A moment as an input takes it: in the time zone of the browser, to the second where there are any. */
export function localMoment(moment: string): string {
  const instant = new Date(moment);
  if (Number.isNaN(instant.getTime())) {
    return "";
  }
  const shifted = new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString();
  return shifted.slice(0, shifted.slice(17, 19) === "00" ? 16 : 19);
}
