import { request, row } from "./http";
import type { $Account, $AccountCreate } from "./$accounts";

export type LogIn = {
  email: string;
  password: string;
};

/** What shows who is signed in, for so many seconds. */
export type Token = {
  access_token: string;
  token_type?: "bearer";
  expires_in: number;
};

/** Accounts: making one, signing in, and who that is. */
export const auth = {
  register: (body: $AccountCreate) => request<$Account>("POST", "/api/auth/register", { body }),
  logIn: (body: LogIn) => request<Token>("POST", "/api/auth/login", { body }),
  me: () => row<$Account>("GET", "/api/auth/me"),
};
