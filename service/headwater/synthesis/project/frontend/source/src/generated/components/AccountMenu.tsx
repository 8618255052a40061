import { Link, useNavigate } from "react-router";

import { account } from "../models";
import { nameOf } from "../models/model";
import { useMe, useSession } from "../session/session";

/** Who is signed in, or how to do so. */
export function AccountMenu() {
  const { state, signOut } = useSession();
  const { data: me } = useMe();
  const navigate = useNavigate();
  if (state === "anonymous") {
    return (
      <div className="account">
        <Link className="button button-quiet" to="/login">
          Sign in
        </Link>
        <Link className="button button-primary" to="/register">
          Register
        </Link>
      </div>
    );
  }
  return (
    <div className="account">
      {me && (
        <Link className="button button-quiet account-name" to="/profile">
          {nameOf(account, me)}
        </Link>
      )}
      <button
        type="button"
        className="button"
        onClick={() => {
          signOut();
          void navigate("/");
        }}
      >
        Sign out
      </button>
    </div>
  );
}
