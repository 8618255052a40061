import { Link, Navigate, useLocation } from "react-router";

import { Form } from "../components/Form";
import { PageHeader } from "../components/PageHeader";
import type { FieldModel } from "../models/model";
import { useSession } from "../session/session";

const FIELDS: readonly FieldModel[] = [
  {
    name: "email",
    input: "email",
    label: "Email",
    type: "email",
    required: true,
    autoComplete: "username",
  },
  {
    name: "password",
    input: "password",
    label: "Password",
    type: "secret",
    required: true,
    autoComplete: "current-password",
  },
];

/** Signs in, and goes on to the page that asked for it. */
export function LoginPage() {
  const { state, signIn } = useSession();
  const { state: arrival } = useLocation();
  const from = whereFrom(arrival);
  if (state !== "anonymous") {
    return <Navigate to={from} replace />;
  }
  return (
    <div className="narrow">
      <PageHeader title="Sign in" />
      {from !== "/" && <p>Please sign in to go on.</p>}
      <Form
        fields={FIELDS}
        action="Sign in"
        onSubmit={({ email, password }) => signIn(String(email), String(password))}
      />
      <p>
        No account yet?{" "}
        <Link to="/register" state={arrival}>
          Register
        </Link>
      </p>
    </div>
  );
}

/** The page of this application that somebody came from. */
export function whereFrom(state: unknown): string {
  const { from } = (state ?? {}) as { from?: unknown };
  return typeof from === "string" && /^\/(?![/\\])/.test(from) ? from : "/";
}
