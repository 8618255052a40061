import type { Role } from "../application";
import type { Action, Model, Row } from "../models/model";
import { useSession } from "./session";

/** What somebody may do with an entity. */
export type Rights = {
  create: boolean;
  read: boolean;
  options: boolean;
  // @if export
  export: boolean;
  // @end
  // @if account
  setRole: boolean;
  // @end
  update(row: Row): boolean;
  delete(row: Row): boolean;
  // @if history
  history(row: Row): boolean;
  // @end
};

/** What who uses the application may do with an entity; the API has the last word. */
export function useRights(model: Model): Rights {
  const { role, id } = useSession();
  return rightsOf(model, role, id);
}

export function rightsOf(model: Model, role: Role, id: number | null): Rights {
  const scope = (action: Action) => model.access[action]?.[role];
  const may = (action: Action) => scope(action) !== undefined;
  const mayWith = (action: Action) => (row: Row) =>
    scope(action) === "all" || (scope(action) === "own" && isOwn(model, row, id));
  return {
    create: may("create"),
    read: may("read"),
    options: may("options"),
    // @if export
    export: may("export"),
    // @end
    // @if account
    setRole: may("setRole"),
    // @end
    update: mayWith("update"),
    delete: mayWith("delete"),
    // @if history
    history: mayWith("history"),
    // @end
  };
}

/** Whether a row belongs to somebody; taken for true where only the API can tell. */
function isOwn(model: Model, row: Row, id: number | null): boolean {
  const owner = model.owner === undefined ? undefined : row[model.owner];
  if (owner === undefined) {
    return true;
  }
  return (typeof owner === "object" ? (owner as { id: number } | null)?.id : owner) === id;
}
