import { Link, useNavigate } from "react-router";

import { account } from "../models";
import { nameOf } from "../models/model";
import { useMe, useSession } from "../session/session";

/** Who is signed in, or how to do so. */
export function AccountMenu() {
  const { state, signOut } = useSession();
  const { data: me } = useMe();
  const navigate = useNavigate();
  const leave = async () => {
    await navigate("/");
    signOut();
  };
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
      <button type="button" className="button" onClick={() => void leave()}>
        Sign out
      </button>
    </div>
  );
}
