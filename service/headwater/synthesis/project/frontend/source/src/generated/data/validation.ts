import type { FieldModel } from "../models/model";
import type { FormValue, FormValues } from "./values";

/** What is wrong with a form: a sentence for each field that has a fault. */
export type Errors = Record<string, string>;

type Rule = (text: string, field: FieldModel) => string | undefined;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const URL_TEXT = /^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]*)?$/;
const PHONE = /^\+?[0-9][0-9 ()/.-]{2,30}$/;
const DECIMAL = /^-?(\d{1,9}(\.\d{1,6})?|\d{10,12}(\.\d{1,3})?)$/;
const LARGEST = 2_147_483_647;

/** Checks a form by the rules of the API, so that most faults are told before anything is sent. */
export function validate(fields: readonly FieldModel[], values: FormValues): Errors {
  const errors: Errors = {};
  for (const field of fields) {
    const fault = check(field, values[field.name] ?? "");
    if (fault) {
      errors[field.name] = fault;
    }
  }
  return errors;
}

/** Checks one value; returns what is wrong with it. */
export function check(field: FieldModel, value: FormValue): string | undefined {
  if (typeof value !== "string") {
    return undefined;
  }
  const text = field.type === "secret" ? value : value.trim();
  if (text === "") {
    return field.required ? missing(field) : undefined;
  }
  return RULES[field.type]?.(text, field);
}

const RULES: Partial<Record<FieldModel["type"], Rule>> = {
  string: length,
  text: length,
  secret: length,
  email: (text, field) =>
    EMAIL.test(text) ? length(text, field) : "Enter an email address, such as name@example.com.",
  url: (text, field) =>
    URL_TEXT.test(text)
      ? length(text, field)
      : "Enter a web address that begins with https:// or http://.",
  phone: (text, field) =>
    PHONE.test(text) ? length(text, field) : "Enter a phone number, such as +44 20 7946 0018.",
  integer: (text, field) =>
    /^[+-]?\d+$/.test(text) && Math.abs(Number(text)) <= LARGEST
      ? size(text, field)
      : "Enter a whole number.",
  decimal: (text, field) =>
    DECIMAL.test(text) ? size(text, field) : "Enter a number, such as 12.50.",
  date: (text) => (isMoment(`${text}T00:00:00Z`) ? undefined : "Enter a date."),
  time: (text) => (isMoment(`1970-01-01T${text}Z`) ? undefined : "Enter a time."),
  datetime: (text) => (isMoment(text) ? undefined : "Enter a date and a time."),
  enum: (text, field) => (field.choices?.includes(text) ? undefined : "Choose one of the list."),
};

function missing(field: FieldModel): string {
  return field.type === "enum" || field.type === "reference"
    ? "Choose one of the list."
    : field.type === "file"
      ? "Choose a file."
      : "Enter a value.";
}

/** Characters are counted as the API counts them, an emoji as one. */
function length(text: string, { minimum = 0, maximum = Infinity }: FieldModel): string | undefined {
  const characters = [...text].length;
  if (characters < minimum) {
    return `Use at least ${minimum} characters.`;
  }
  return characters > maximum ? `Use at most ${maximum} characters.` : undefined;
}

function size(text: string, { minimum = -Infinity, maximum = Infinity }: FieldModel) {
  const value = Number(text);
  if (value < minimum) {
    return `Enter ${minimum} or more.`;
  }
  return value > maximum ? `Enter ${maximum} or less.` : undefined;
}

function isMoment(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}
