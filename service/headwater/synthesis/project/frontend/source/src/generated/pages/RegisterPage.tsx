import { Link, Navigate, useLocation } from "react-router";

import { auth } from "../api";
import { Form } from "../components/Form";
import { PageHeader } from "../components/PageHeader";
import { account } from "../models";
import { useSession } from "../session/session";
import { inputsOf } from "./FormPage";
import { whereFrom } from "./LoginPage";

/** Makes an account and signs in with it. */
export function RegisterPage() {
  const { state, signIn } = useSession();
  const { state: arrival } = useLocation();
  if (state !== "anonymous") {
    return <Navigate to={whereFrom(arrival)} replace />;
  }
  return (
    <div className="narrow">
      <PageHeader title="Register" />
      <Form
        fields={inputsOf(account, false)}
        action="Register"
        onSubmit={async (body) => {
          await auth.register(body as Parameters<typeof auth.register>[0]);
          await signIn(String(body.email), String(body.password));
        }}
      />
      <p>
        Registered already?{" "}
        <Link to="/login" state={arrival}>
          Sign in
        </Link>
      </p>
    </div>
  );
}
