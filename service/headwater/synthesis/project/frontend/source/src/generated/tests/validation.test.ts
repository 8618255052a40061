import { describe, expect, test } from "vitest";

import { check, validate } from "../data/validation";
import { toBody, toForm } from "../data/values";
import { models } from "../models";
import { readDocument, type Schema } from "./document";
import { sample, sampleRow } from "./rows";

const { schemas } = readDocument().components;
const inputs = Object.values(models).flatMap((model) =>
  model.fields
    .filter((field) => field.input !== undefined && schemas[`${model.name}Create`])
    .map((field) => ({ name: `${model.name}.${field.name}`, model, field })),
);

describe("a form takes what the API takes, and nothing else", () => {
  test.each(inputs)("$name", ({ model, field }) => {
    const { properties = {}, required = [] } = schemas[`${model.name}Create`] ?? {};
    const whole = properties[field.input ?? ""] ?? {};
    const schema = whole.anyOf?.find((each) => each.type !== "null") ?? whole;
    const nullable = whole.anyOf?.some((each) => each.type === "null") ?? false;
    const fits = (value: string) => check(field, value) === undefined;

    const needed =
      required.includes(field.input ?? "") || (!nullable && field.type !== "references");
    expect(field.required ?? false).toBe(needed);
    if (field.type !== "references" && field.type !== "boolean") {
      expect(fits("")).toBe(!needed);
      expect(fits(String(sample(field)))).toBe(true);
    }
    for (const [value, expected] of edges(schema)) {
      if (["string", "text", "secret", "integer"].includes(field.type)) {
        expect([value, fits(value)]).toEqual([value, expected]);
      }
    }
    expect(schema.enum ?? field.choices).toEqual(field.choices);
  });
});

/** Values at the bounds of a schema and just beyond, and whether they fit. */
function edges(schema: Schema): [string, boolean][] {
  const { minLength = 0, maxLength = Infinity, minimum, maximum } = schema;
  const found: [string, boolean][] = [];
  if (minLength > 1) {
    found.push(["x".repeat(minLength), true], ["x".repeat(minLength - 1), false]);
  }
  if (maxLength < Infinity) {
    found.push(["x".repeat(maxLength), true], ["x".repeat(maxLength + 1), false]);
  }
  if (minimum !== undefined) {
    found.push([String(minimum), true], [String(minimum - 1), false]);
  }
  if (maximum !== undefined) {
    found.push([String(maximum), true], [String(maximum + 1), false]);
  }
  return found;
}

describe("a row that is shown in a form and not touched", () => {
  test.each(Object.values(models))("$name fits and changes nothing", (model) => {
    const fields = model.fields.filter(
      (field) => field.input !== undefined && field.type !== "secret",
    );
    const before = toForm(fields, sampleRow(model));
    expect(validate(fields, before)).toEqual({});
    expect(toBody(fields, before, before)).toEqual({});
  });
});

describe("values", () => {
  const field = { name: "value", input: "value", label: "Value" } as const;

  test.each([
    ["email", "nobody", false],
    ["email", "nobody@example.com", true],
    ["url", "javascript:alert(1)", false],
    ["url", "https://example.com/a?b=c", true],
    ["phone", "call me", false],
    ["phone", "+43 (1) 588-58", true],
    ["integer", "1.5", false],
    ["integer", "2147483648", false],
    ["decimal", "1e3", false],
    ["decimal", "-12.50", true],
    ["date", "2026-13-01", false],
    ["date", "2026-12-01", true],
    ["time", "25:00", false],
    ["time", "23:59", true],
  ] as const)("a %s like %s is told apart", (type, text, expected) => {
    expect(check({ ...field, type }, text) === undefined).toBe(expected);
  });

  test("moments travel in UTC and are shown as they were meant", () => {
    const moment = { ...field, type: "datetime" } as const;
    const row = { id: 1, value: "2026-03-05T09:30:00.000Z" };
    expect(toBody([moment], toForm([moment], row))).toEqual({ value: row.value });
  });

  test("what is left empty is null, or not sent where there must be something", () => {
    const text = { ...field, type: "string" } as const;
    expect(toBody([text], { value: " " })).toEqual({ value: null });
    expect(toBody([{ ...text, required: true }], { value: "" })).toEqual({});
  });

  test("characters are counted as people count them", () => {
    const text = { ...field, type: "string", maximum: 2 } as const;
    expect(check(text, "🐝🐝")).toBeUndefined();
    expect(check(text, "🐝🐝🐝")).toBe("Use at most 2 characters.");
  });
});
