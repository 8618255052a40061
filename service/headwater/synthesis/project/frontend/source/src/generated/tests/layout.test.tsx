import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import { anonymous } from "../application";
import { open, serveAs } from "./render";

describe("the frame of every page", () => {
  test("begins with a link to the content", async () => {
    serveAs(anonymous);
    open("/");
    const link = await screen.findByRole("link", { name: "Skip to the content" });
    expect(document.querySelector(link.getAttribute("href") ?? "")?.tagName).toBe("MAIN");
  });

  test("opens and closes the navigation with one button", async () => {
    serveAs(anonymous);
    open("/");
    const button = await screen.findByRole("button", { name: "Menu" });
    await userEvent.click(button);
    expect(button.getAttribute("aria-expanded")).toBe("true");
    await userEvent.click(button);
    expect(button.getAttribute("aria-expanded")).toBe("false");
  });

  test("gives the focus to the head of the next page, and names it", async () => {
    serveAs(anonymous);
    const router = open("/");
    await screen.findByRole("navigation", { name: "Main" });
    await router.navigate("/there-is-no-such-page");
    const heading = await screen.findByRole("heading", { level: 1, name: /no such page/ });
    await waitFor(() => expect(document.activeElement).toBe(heading));
    expect(document.title).toMatch(/^There is no such page\./);
  });
});
