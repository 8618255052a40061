import { useId, useState } from "react";

import { Failure } from "../components/states";
import { members } from "../application";
import { humanise } from "../data/format";
import { useSetRole } from "../data/queries";
import type { Model, Row } from "../models/model";

/** Gives an account another role. */
export function RoleSection({ model, row }: { model: Model; row: Row }) {
  const id = useId();
  const [role, setRole] = useState(String(row.role));
  const saving = useSetRole(model, row);
  return (
    <section className="section">
      <header className="section-header">
        <h2>Role</h2>
      </header>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate(role);
        }}
      >
        <div className="field">
          <label htmlFor={id}>Role of this account</label>
          <select
            className="input"
            id={id}
            value={role}
            onChange={(event) => setRole(event.target.value)}
          >
            {members.map((each) => (
              <option key={each} value={each}>
                {humanise(each)}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" className="button" disabled={saving.isPending || role === row.role}>
          Change role
        </button>
      </form>
      {saving.error && <Failure error={saving.error} />}
      <p role="status">{saving.isSuccess && "The role was changed."}</p>
    </section>
  );
}
