import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";

import { roles, type Role } from "../application";
import { stepsOf } from "../data/queries";
import { models } from "../models";
import type { Model } from "../models/model";
import { rowPath, scopeOf } from "./document";
import { open, serveAs } from "./render";
import { sampleRow } from "./rows";
import { json } from "./server";

const ME = 1;
const STRANGER = 2;
const cases = Object.values(models).flatMap((model) =>
  roles.map((role) => ({ name: model.name, role, model })),
);

describe.each(cases)("$role and $name", ({ role, model }) => {
  const path = `/api/${model.path}`;
  const row = rowPath(model);
  const reads = scopeOf("get", path, role) !== "none" && scopeOf("get", row, role) !== "none";

  test("the list is shown to who may read, with a way to new rows for who may create", async () => {
    serveAs(role);
    open(`/${model.path}`);
    if (!reads) {
      await waitFor(() => expect(refused()).not.toBeNull());
      return;
    }
    await screen.findByRole("heading", { level: 1, name: model.plural });
    const shown = document.querySelector(`main a[href="/${model.path}/new"]`) !== null;
    expect(shown).toBe(scopeOf("post", path, role) !== "none");
  });

  test.runIf(reads).each([
    ["their own", ME],
    ["a stranger's", STRANGER],
  ])("the buttons for %s row are those that the API allows", async (_, owner) => {
    const found = { ...sampleRow(model, owner), id: model.owner?.[0] === "id" ? owner : 1 };
    serveAs(role, (call) =>
      call.path === `${path}/${found.id}` ? json(found) : between(call.path),
    );
    open(`/${model.path}/${found.id}`);
    await screen.findByRole("heading", { level: 1 });
    await waitFor(() => {
      expect(screen.queryByRole("link", { name: "Edit" }) !== null).toBe(
        may("patch", row, role, model, owner),
      );
      expect(screen.queryByRole("button", { name: "Delete" }) !== null).toBe(
        may("delete", row, role, model, owner),
      );
    });
  });
});

/** Whether the API lets somebody do something with a row; whose it is, is not always known. */
function may(method: string, path: string, role: Role, model: Model, owner: number): boolean {
  const scope = scopeOf(method, path, role);
  const { owner: way = [] } = model;
  const seen = stepsOf(model, way).every((each) => scopeOf("get", rowPath(each), role) !== "none");
  const mine = way.length === 0 || !seen || owner === ME;
  return scope === "all" || (scope === "own" && mine);
}

/** A row on the way to whose another one is: it leads to one with its own number. */
function between(path: string): Response | undefined {
  const [, plural = "", number] = /^\/api\/(\w+)\/(\d+)$/.exec(path) ?? [];
  const model = models[plural];
  const id = Number(number);
  return model && id ? json({ ...sampleRow(model, id), id }) : undefined;
}

/** The page that is shown in place of one that is not allowed. */
function refused(): HTMLElement | null {
  return screen.queryByRole("heading", {
    level: 1,
    name: /^(Sign in|Not allowed|There is no such page\.)$/,
  });
}
