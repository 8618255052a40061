import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import { ApiError } from "../api/http";
import { Form } from "../components/Form";
import { models } from "../models";
import { inputsOf } from "../pages/FormPage";
import { mount, serveAs } from "./render";
import { anonymous } from "../application";
import { sampleRow } from "./rows";

const forms = Object.values(models)
  .map((model) => ({ name: model.name, model, fields: inputsOf(model, true) }))
  .filter(({ fields }) => fields.length > 0);

describe.each(forms)("the form of $name", ({ model, fields }) => {
  test("has a label for each input", () => {
    serveAs(anonymous);
    mount(<Form fields={fields} action="Save" onSubmit={async () => undefined} />);
    const inputs = [...document.querySelectorAll("input, select, textarea")] as HTMLInputElement[];
    const unnamed = inputs.filter((each) => !each.labels?.length && !each.ariaLabel);
    expect(unnamed).toEqual([]);
  });

  test("shows at its field what the API refuses", async () => {
    serveAs(anonymous);
    const refused = fields.map(({ input = "" }) => ({ field: input, message: `No ${input}.` }));
    const error = new ApiError(422, "Some of the values cannot be used.", refused);
    const submit = () => Promise.reject(error);
    mount(<Form fields={fields} row={sampleRow(model)} action="Save" onSubmit={submit} />);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    for (const { input, name, type } of fields) {
      const message = await screen.findByText(`No ${input}.`);
      expect(message.closest("[data-invalid]")).not.toBeNull();
      if (type !== "references" && type !== "reference") {
        const control = document.querySelector(`[id$="-${name}"]`);
        expect(control?.getAttribute("aria-describedby")).toContain(message.id);
      }
    }
    expect(document.activeElement?.closest("[data-invalid]")).not.toBeNull();
  });

  test("tells what the API refuses for no field", async () => {
    serveAs(anonymous);
    const submit = () => Promise.reject(new ApiError(409, "Somebody was quicker."));
    mount(<Form fields={fields} row={sampleRow(model)} action="Save" onSubmit={submit} />);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toBe("Somebody was quicker.");
  });
});
