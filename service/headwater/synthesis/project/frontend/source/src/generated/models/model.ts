// @if history
import type { HistoryEntry } from "../api/history";
// @end
import type { Page, QueryValue, Reference, Versioned } from "../api/http";
import type { Role } from "../application";

export type FieldType =
  | "string"
  | "text"
  | "integer"
  | "decimal"
  | "boolean"
  | "date"
  | "time"
  | "datetime"
  | "email"
  | "url"
  | "phone"
  | "enum"
  | "file"
  | "secret"
  | "reference"
  | "references";

/** A value of a row: how it is shown, written and checked. */
export type FieldModel = {
  name: string;
  label: string;
  type: FieldType;
  /** The property that it is written by; none: it is only read. */
  input?: string;
  /** A row cannot be without it. */
  required?: boolean;
  /** The bounds of a number, or of the length of a text; both included. */
  minimum?: number;
  maximum?: number;
  choices?: readonly string[];
  /** What a new row begins with. */
  initial?: string | number | boolean;
  /** The path of the entity that is referred to. */
  target?: string;
  /** How browsers may fill it in. */
  autoComplete?: string;
  sortable?: boolean;
  /** The parameter that narrows a list, or those that do so by when a stretch of time begins and ends. */
  filter?: string;
  from?: string;
  until?: string;
  /** It says whose a row is: only who may write all rows writes it. */
  claims?: boolean;
};

export type Action =
  "create" | "read" | "update" | "delete" | "options" | "export" | "history" | "setRole";

/** Whether a role may act on all rows or on its own; a role that is not named may not. */
export type Access = { [action in Action]?: { [role in Role]?: "own" | "all" } };

export type Row = { id: number } & Versioned & Record<string, unknown>;

export type Body = Record<string, unknown>;

export type ListQuery = Record<string, QueryValue>;

/** The calls that the API offers for an entity. */
export type Calls = {
  list?(query: ListQuery): Promise<Page<Row>>;
  get?(id: number): Promise<Row>;
  create?(body: Body): Promise<Row>;
  update?(id: number, body: Body, etag?: string): Promise<Row>;
  delete?(id: number, etag?: string): Promise<void>;
  options?(query: { q?: string }): Promise<Reference[]>;
  // @if export
  export?(): Promise<Blob>;
  // @end
  // @if history
  history?(id: number): Promise<Page<HistoryEntry>>;
  // @end
  // @if account
  setRole?(id: number, role: string, etag?: string): Promise<Row>;
  // @end
};

/** Rows of another entity that refer to a row of this one. */
export type Related = {
  path: string;
  filter: string;
  label: string;
  /** They are deleted with it. */
  goes?: boolean;
};

/** An entity as its pages need it. */
export type Model = {
  /** The entity as the API calls it. */
  name: string;
  /** Its part of addresses. */
  path: string;
  label: string;
  plural: string;
  description: string;
  /** What its list says while it is empty, where that is more than the usual. */
  nothing?: string;
  /** The field that names a row. */
  display?: string;
  /** The relations that lead from a row to whose it is; "id": a row is whoever it stands for. */
  owner?: readonly string[];
  calls: Calls;
  access: Access;
  fields: readonly FieldModel[];
  /** The fields that a list shows, the first of them first. */
  columns: readonly string[];
  searched?: boolean;
  related: readonly Related[];
};

type Named<Shown, Written> = FieldModel & {
  name: Extract<keyof Shown | keyof Written, string>;
  input?: Extract<keyof Written, string>;
};

/** Checks a model against the types of the API. */
export function defineModel<Shown, Written>(
  model: Model & {
    fields: readonly Named<Shown, Written>[];
    columns: readonly Extract<keyof Shown, string>[];
  },
): Model {
  return model;
}

/** The name of a row. */
export function nameOf(model: Model, row: Row): string {
  const shown = model.display ? row[model.display] : undefined;
  return typeof shown === "string" && shown !== "" ? shown : `${model.label} ${row.id}`;
}

/** The parameters that narrow a list by a field. */
export function parametersOf({ filter, from, until }: FieldModel): readonly string[] {
  return [filter, from, until].filter((each) => each !== undefined);
}

export function fieldOf(model: Model, name: string): FieldModel | undefined {
  return model.fields.find((each) => each.name === name);
}
