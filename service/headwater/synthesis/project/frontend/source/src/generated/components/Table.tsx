import type { ReactNode } from "react";
import { Link } from "react-router";

import { fieldOf, nameOf, type FieldModel, type Model, type Row } from "../models/model";
import { Value } from "./Value";

type Sorting = { sort: string; onSort: (sort: string) => void };

/** Rows as a table; on narrow screens each row is a card. The roles stay what they are there. */
export function Table({
  model,
  rows,
  caption,
  columns = model.columns,
  sorting,
}: {
  model: Model;
  rows: readonly Row[];
  caption: string;
  columns?: readonly string[];
  sorting?: Sorting;
}) {
  const fields = columns.flatMap((name) => fieldOf(model, name) ?? []);
  const others = fields.filter((field) => field.name !== model.display);
  const named = model.display ? fieldOf(model, model.display) : undefined;
  const first: FieldModel = named ?? {
    name: "id",
    label: model.label,
    type: "integer",
    sortable: true,
  };
  return (
    <div className="table-frame">
      <table className="table" role="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {[first, ...others].map((field) => (
              <HeadCell key={field.name} field={field} sorting={sorting} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={row.id} role="row">
              <th scope="row" role="rowheader">
                <Link to={`/${model.path}/${row.id}`}>{nameOf(model, row)}</Link>
              </th>
              {others.map((field) => (
                <td key={field.name} role="cell" className={`cell-${field.type}`}>
                  <span className="cell-label" aria-hidden="true">
                    {field.label}
                  </span>
                  <div className="cell-value">
                    <Value field={field} value={row[field.name]} />
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HeadCell({ field, sorting }: { field: FieldModel; sorting: Sorting | undefined }) {
  const numeric = field.type === "integer" || field.type === "decimal";
  const className = numeric && field.name !== "id" ? `cell-${field.type}` : undefined;
  if (!sorting || !field.sortable) {
    return (
      <th scope="col" role="columnheader" className={className}>
        {field.label}
      </th>
    );
  }
  const { name } = field;
  const direction = sorting.sort === name ? "ascending" : "descending";
  const sorted = sorting.sort.replace(/^-/, "") === name;
  return (
    <th
      scope="col"
      role="columnheader"
      className={className}
      aria-sort={sorted ? direction : undefined}
    >
      <SortButton
        onClick={() => sorting.onSort(sorting.sort === name ? `-${name}` : name)}
        mark={sorted ? (direction === "ascending" ? "↑" : "↓") : ""}
      >
        {field.label}
      </SortButton>
    </th>
  );
}

function SortButton({
  onClick,
  mark,
  children,
}: {
  onClick: () => void;
  mark: string;
  children: ReactNode;
}) {
  return (
    <button type="button" className="sort" onClick={onClick}>
      {children} <span aria-hidden="true">{mark}</span>
    </button>
  );
}
