import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import { members } from "../application";
import { readToken, writeToken } from "../session/token";
import { open, serveAs } from "./render";
import { problem, serve } from "./server";

const [role] = members;

describe("signing in", () => {
  test("leads back to the page that asked for it", async () => {
    const asWhom = serveAs(role);
    writeToken(null);
    const router = open("/profile");
    await userEvent.type(await screen.findByLabelText("Email"), "sample@example.com");
    await userEvent.type(screen.getByLabelText("Password"), "sample-Secret-2026");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/profile"));
    expect(readToken()).toBe("token-of-a-test");
    expect(sessionStorage.length).toBe(1);
    const [login] = asWhom.filter(({ path }) => path === "/api/auth/login");
    expect(login?.body).toEqual({ email: "sample@example.com", password: "sample-Secret-2026" });
  });

  test("tells that the password is wrong", async () => {
    serve(({ path }) => (path === "/api/auth/login" ? problem(401, "It is wrong.") : undefined));
    open("/login");
    await userEvent.type(await screen.findByLabelText("Email"), "sample@example.com");
    await userEvent.type(screen.getByLabelText("Password"), "guessed");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toBe("It is wrong.");
  });
});

describe("being signed in", () => {
  test("ends when the API knows the token no more", async () => {
    writeToken("token-that-expired");
    serve(() => problem(401, "The token has expired."));
    const router = open("/profile");
    await waitFor(() => expect(router.state.location.pathname).toBe("/login"));
    expect(readToken()).toBeNull();
    expect(router.state.location.state).toEqual({ from: "/profile" });
  });

  test("ends with signing out", async () => {
    serveAs(role);
    open("/");
    await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
    expect(await screen.findAllByRole("link", { name: "Sign in" })).not.toEqual([]);
    expect(sessionStorage.length).toBe(0);
  });

  test("goes on when the server cannot be reached for a while", async () => {
    writeToken("token-of-a-test");
    serve(() => Promise.reject(new TypeError("no network")));
    open("/");
    expect((await screen.findByRole("alert")).textContent).toContain("cannot be reached");
    expect(readToken()).toBe("token-of-a-test");
  });
});

describe("a page of another site", () => {
  test.each(["//example.com", "https://example.com", "/\\example.com"])(
    "%s is not where signing in leads",
    async (from) => {
      serveAs(role);
      const router = open("/");
      await router.navigate("/login", { state: { from } });
      await waitFor(() => expect(router.state.location.pathname).toBe("/"));
    },
  );
});
