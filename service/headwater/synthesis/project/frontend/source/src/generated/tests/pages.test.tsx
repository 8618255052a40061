import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import { roles } from "../application";
import { models } from "../models";
import { open, serveAs } from "./render";
import { sampleRow } from "./rows";
import { listOf, problem } from "./server";

const lists = openable("read");
const forms = openable("create");

/** The models with a page that a role may open, and the first such role. */
function openable(action: "read" | "create") {
  return Object.values(models).flatMap((model) => {
    const role = roles.find((each) => model.access[action]?.[each]);
    return role ? [{ name: model.name, model, role }] : [];
  });
}

describe.each(lists)("the list of $name", ({ model, role }) => {
  const path = `/api/${model.path}`;
  const nothing = model.nothing ?? /^There are no .* yet\.$/;

  test("tells that it is loading, then that there is nothing", async () => {
    serveAs(role);
    open(`/${model.path}`);
    expect(await screen.findByText("Loading…")).toBeDefined();
    expect(await screen.findByText(nothing)).toBeDefined();
  });

  test("shows rows, and leads to them", async () => {
    serveAs(role, (call) => (call.path === path ? listOf([sampleRow(model)]) : undefined));
    open(`/${model.path}`);
    const table = await screen.findByRole("table");
    const [link] = within(within(table).getByRole("rowheader")).getAllByRole("link");
    expect(link?.getAttribute("href")).toBe(`/${model.path}/1`);
    expect(screen.getByText("1 result")).toBeDefined();
  });

  const moment = model.fields.find(({ from }) => from !== undefined);

  test.runIf(moment)("is narrowed by moments, which are asked for in UTC", async () => {
    const calls = serveAs(role);
    open(`/${model.path}`);
    const input = await screen.findByLabelText(/ from$/, { selector: `[id$="${moment?.from}"]` });
    fireEvent.change(input, { target: { value: "2026-03-05T09:30" } });
    fireEvent.blur(input);
    const asked = new Date("2026-03-05T09:30").toISOString();
    const queries = () => calls.filter((call) => call.path === path).map(({ query }) => query);
    await waitFor(() =>
      expect(queries().some((query) => query.get(moment?.from ?? "") === asked)).toBe(true),
    );
  });

  test("tells what went wrong, and tries again", async () => {
    let broken = true;
    serveAs(role, (call) =>
      call.path === path && broken ? problem(403, "The database rests.") : undefined,
    );
    open(`/${model.path}`);
    expect((await screen.findByRole("alert")).textContent).toContain("The database rests.");
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText(nothing)).toBeDefined();
  });
});

describe.each(forms)("the form of $name", ({ model, role }) => {
  const needed = model.fields.find(
    ({ input, required, type, initial }) =>
      input && required && type !== "boolean" && initial === undefined,
  );

  test("is sent only if it holds what is needed; else it tells what is missing, and goes there", async () => {
    const calls = serveAs(role, ({ method }) =>
      method === "POST" ? problem(422, "No.") : undefined,
    );
    open(`/${model.path}/new`);
    await userEvent.click(await screen.findByRole("button", { name: "Create" }));
    if (needed) {
      await waitFor(() => expect(document.activeElement?.closest("[data-invalid]")).not.toBeNull());
    } else {
      expect((await screen.findByRole("alert")).textContent).toBe("No.");
    }
    expect(calls.some(({ method }) => method === "POST")).toBe(needed === undefined);
  });
});
