import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import { row } from "../api/http";
import { roles } from "../application";
import { models } from "../models";
import { open, serveAs } from "./render";
import { sample, sampleRow } from "./rows";
import { json, problem, serve } from "./server";

/** The models of rows that a role may change, all of them, with a text to do so. */
const changeable = Object.values(models).flatMap((model) => {
  const may = (action: "read" | "update", role: (typeof roles)[number]) =>
    model.access[action]?.[role] === "all";
  const role = roles.find((each) => may("read", each) && may("update", each));
  const text = model.fields.find(({ type, input }) => input && type === "string");
  return role && text && model.calls.get ? [{ name: model.name, model, role, text }] : [];
});

test("a row comes with its version, and a change goes with the one that was seen", async () => {
  const calls = serve(() => json({ id: 1 }, 200, '"7"'));
  const { etag } = await row<{ id: number }>("GET", "/api/rows/1");
  expect(await row("PATCH", "/api/rows/1", { body: {}, etag })).toEqual({ id: 1, etag: '"7"' });
  expect(calls.map(({ version }) => version)).toEqual([null, '"7"']);
});

describe.each(changeable)("a change of $name", ({ model, role, text }) => {
  test("is meant for the version that was seen; one that has changed is loaded again on demand", async () => {
    const path = `/api/${model.path}/1`;
    let version = 1;
    const calls = serveAs(role, (call) => {
      if (call.path !== path) {
        return undefined;
      }
      const stale = call.method === "PATCH" && call.version !== `"${version}"`;
      return stale
        ? problem(412, "Somebody else has changed it.")
        : json(sampleRow(model), 200, `"${version}"`);
    });
    const router = open(`/${model.path}/1/edit`);
    const save = async () => {
      const input = document.querySelector(`[id$="-${text.name}"]`) as HTMLInputElement;
      fireEvent.change(input, { target: { value: `X${String(sample(text)).slice(1)}` } });
      await userEvent.click(screen.getByRole("button", { name: "Save" }));
    };
    await screen.findByRole("button", { name: "Save" });
    version = 2;
    await save();
    expect((await screen.findByRole("alert")).textContent).toContain("Somebody else");
    await userEvent.click(screen.getByRole("button", { name: "Load again" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    await save();
    await waitFor(() => expect(router.state.location.pathname).toBe(`/${model.path}/1`));
    const versions = calls.filter(({ method }) => method === "PATCH").map((call) => call.version);
    expect(versions).toEqual(['"1"', '"2"']);
  });
});
