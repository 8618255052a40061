import { useId, type FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";

// @if account
import { searchRoles } from "../api";
import { useSession } from "../session/session";
// @end
import { SearchIcon } from "./icons";

/** Searches everything, from every page. */
export function SearchBox() {
  const id = useId();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  // @if account
  const { role } = useSession();
  if (!searchRoles.includes(role)) {
    return null;
  }
  // @end
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const q = String(new FormData(event.currentTarget).get("q") ?? "").trim();
    void navigate(`/search?${new URLSearchParams({ q }).toString()}`);
  };
  return (
    <div role="search" className="search-box">
      <form className="joined" onSubmit={submit}>
        <label className="visually-hidden" htmlFor={id}>
          Search everything
        </label>
        <input
          key={parameters.get("q")}
          id={id}
          name="q"
          type="search"
          className="input"
          placeholder="Search…"
          defaultValue={parameters.get("q") ?? ""}
        />
        <button type="submit" className="button" aria-label="Search">
          <SearchIcon />
        </button>
      </form>
    </div>
  );
}
