import { useState, type ReactNode } from "react";

import type { Reference } from "../api/http";
import { useOptions } from "../data/queries";
import { ChoiceInput, type InputProps } from "./inputs";
import { Failure } from "./states";

/** From how many rows on they can be searched. */
const MANY = 20;

/** A row of another entity. `known` are rows that are chosen already, which the options may not hold. */
export function ReferenceInput({
  known = [],
  ...props
}: InputProps & { known?: readonly Reference[]; empty?: string }) {
  return (
    <Options field={props.field}>
      {(options) => (
        <ChoiceInput
          {...props}
          choices={merged(options, known, [Number(props.value)]).map(
            (each) => [String(each.id), each.label] as const,
          )}
        />
      )}
    </Options>
  );
}
// @if many

/** Any number of rows of another entity. */
export function ReferencesInput({ known, ...props }: InputProps & { known: readonly Reference[] }) {
  const { field, value, onChange } = props;
  const chosen = Array.isArray(value) ? value : [];
  const toggled = (each: number) =>
    chosen.includes(each) ? chosen.filter((one) => one !== each) : [...chosen, each];
  return (
    <Options field={field}>
      {(options) => (
        <div className="choices">
          {merged(options, known, chosen).map((each) => (
            <label key={each.id} className="choice">
              <input
                type="checkbox"
                className="checkbox"
                checked={chosen.includes(each.id)}
                onChange={() => onChange(toggled(each.id))}
              />
              {each.label}
            </label>
          ))}
          {options.length === 0 && <p className="hint">There is nothing to choose from yet.</p>}
        </div>
      )}
    </Options>
  );
}
// @end

function Options({
  field,
  children,
}: {
  field: InputProps["field"];
  children: (options: readonly Reference[]) => ReactNode;
}) {
  const [text, setText] = useState("");
  const { data, error, refetch } = useOptions(field.target ?? "", text);
  const searchable = text !== "" || (data?.length ?? 0) >= MANY;
  if (error) {
    return <Failure error={error} retry={() => void refetch()} />;
  }
  return (
    <>
      {searchable && (
        <input
          type="search"
          className="input"
          aria-label={`Find in ${field.label}`}
          placeholder="Type to find…"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {children(data ?? [])}
    </>
  );
}

/** The options, and in front of them what is chosen and not among them. */
function merged(
  options: readonly Reference[],
  known: readonly Reference[],
  chosen: readonly number[],
): readonly Reference[] {
  const missing = known.filter(
    (each) => chosen.includes(each.id) && !options.some((option) => option.id === each.id),
  );
  return [...missing, ...options];
}
