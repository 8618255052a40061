import type { FieldModel } from "../models/model";

const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short", timeZone: "UTC" });
const number = new Intl.NumberFormat();

/** How many places a decimal number has at least, as the API shows it. */
const PLACES = 2;

/** A value for people, or an empty text. Moments are shown in the time zone of the browser; days and times as they are. */
export function format(field: Pick<FieldModel, "type">, value: unknown): string {
  if (value === null || value === undefined || value === "") {
    return "";
  }
  switch (field.type) {
    case "boolean":
      return value ? "Yes" : "No";
    case "integer":
      return number.format(Number(value));
    case "decimal":
      return decimal(String(value));
    case "enum":
      return humanise(String(value));
    case "date":
      return parsed(`${String(value)}T00:00:00Z`, date);
    case "time":
      return parsed(`1970-01-01T${String(value)}Z`, clock);
    case "datetime":
      return parsed(String(value), moment);
    default:
      return String(value);
  }
}

/** A number that is kept as text, with all its digits. */
function decimal(text: string): string {
  const digits = Math.max(PLACES, text.split(".")[1]?.length ?? 0);
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(undefined, form).format(text as Intl.StringNumericLiteral);
}

function parsed(text: string, form: Intl.DateTimeFormat): string {
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? text : form.format(instant);
}

/** A name for people: `in_progress` is "In progress". */
export function humanise(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A label in the middle of a sentence; what is written in capitals stays so. */
export function inSentence(label: string): string {
  const [first = "", second = ""] = label;
  const plain = second === second.toLowerCase();
  return plain ? first.toLowerCase() + label.slice(first.length) : label;
}

/** A number with its noun: "1 result", "2 results". */
export function count(total: number, one: string, many = `${one}s`): string {
  return `${number.format(total)} ${total === 1 ? one : many}`;
}
