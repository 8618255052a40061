import type { Role } from "../application";
import { useOwner } from "../data/queries";
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
};

/** What somebody may do with one row; `known` as soon as it is known whose it is. */
export type RowRights = {
  known: boolean;
  update: boolean;
  delete: boolean;
  // @if history
  history: boolean;
  // @end
};

/** What who uses the application may do with an entity; the API has the last word. */
export function useRights(model: Model): Rights {
  const { role } = useSession();
  return rightsOf(model, role);
}

/** What who uses the application may do with a row. */
export function useRowRights(model: Model, row: Row): RowRights {
  const { role, id } = useSession();
  const actions = ["update", "delete", "history"] as const;
  const narrow = actions.some((action) => model.access[action]?.[role] === "own");
  const owner = useOwner(model, row, role, narrow);
  const may = (action: Action) => {
    const scope = model.access[action]?.[role];
    return scope === "all" || (scope === "own" && (owner === "unknown" || owner === id));
  };
  return {
    known: owner !== undefined,
    update: may("update"),
    delete: may("delete"),
    // @if history
    history: may("history"),
    // @end
  };
}

/** Whether who uses the application says whose the rows are that they write. */
export function useGives(model: Model, action: "create" | "update"): boolean {
  const { role } = useSession();
  return model.access[action]?.[role] === "all";
}

export function rightsOf(model: Model, role: Role): Rights {
  const may = (action: Action) => model.access[action]?.[role] !== undefined;
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
  };
}
