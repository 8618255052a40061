import { useId, useState, type FormEvent } from "react";

import { check } from "../data/validation";
import { localMoment } from "../data/values";
import type { FieldModel, Model } from "../models/model";
// @if references
import { models } from "../models";
import { useSession } from "../session/session";
// @end
import { SearchIcon } from "./icons";
import { ChoiceInput, LineInput, TruthInput, type InputProps } from "./inputs";
// @if references
import { ReferenceInput } from "./references";
// @end

/** Narrows a list: a search in its texts, and an input for each of its filters. */
export function Filters({
  model,
  value,
  onChange,
}: {
  model: Model;
  value: (name: string) => string;
  onChange: (name: string, value: string) => void;
}) {
  const id = useId();
  const fields = useFilters(model);
  if (!model.searched && fields.length === 0) {
    return null;
  }
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChange("q", String(new FormData(event.currentTarget).get("q") ?? "").trim());
  };
  return (
    <div role="search" aria-label={`Narrow ${model.plural}`} className="filters">
      {model.searched && (
        <form className="filter filter-search" onSubmit={search}>
          <label htmlFor={`${id}-q`}>Search</label>
          <div className="joined">
            <input
              key={value("q")}
              id={`${id}-q`}
              name="q"
              type="search"
              className="input"
              defaultValue={value("q")}
            />
            <button type="submit" className="button" aria-label={`Search in ${model.plural}`}>
              <SearchIcon />
            </button>
          </div>
        </form>
      )}
      {fields.map(({ filter, ...field }) => (
        <div key={filter} className="filter">
          <label htmlFor={`${id}-${filter}`}>{field.label}</label>
          {filterInput({
            field: { ...field, required: false },
            id: `${id}-${filter}`,
            value: value(filter),
            invalid: false,
            describedBy: undefined,
            onChange: (changed) => onChange(filter, String(changed)),
          })}
        </div>
      ))}
    </div>
  );
}

type Filter = FieldModel & { filter: string };

function useFilters(model: Model): readonly Filter[] {
  // @if references
  const { role } = useSession();
  const choosable = (path: string) => models[path]?.access.options?.[role] !== undefined;
  // @end
  const filters = model.fields.flatMap(filtersOf);
  // @if references
  return filters.filter(({ target }) => target === undefined || choosable(target));
  // @else
  return filters;
  // @end
}

/** What a field narrows a list by: a value, or the ends of a stretch of time. */
function filtersOf(field: FieldModel): Filter[] {
  const { filter, from, until, label } = field;
  const done = label.replace(/ at$/, "");
  const ends = [
    { filter: from, label: `${done} from` },
    { filter: until, label: `${done} until` },
  ];
  return [{ filter, label }, ...ends].flatMap((each) =>
    each.filter === undefined ? [] : [{ ...field, filter: each.filter, label: each.label }],
  );
}

/** A line narrows the list when it is left or entered, if it is one that the API takes. */
function LineFilter({ onChange, ...props }: InputProps) {
  const [text, setText] = useState(props.value);
  const apply = () => {
    if (text !== props.value && check(props.field, text) === undefined) {
      onChange(text);
    }
  };
  return (
    <form
      noValidate
      onBlur={apply}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <LineInput {...props} value={text} onChange={setText} />
    </form>
  );
}

/** A moment is shown in the time zone of the browser, and asked for in that of the API. */
function MomentFilter({ value, onChange, ...props }: InputProps) {
  return (
    <LineFilter
      {...props}
      value={localMoment(String(value))}
      onChange={(changed) => onChange(changed && new Date(String(changed)).toISOString())}
    />
  );
}

function filterInput(props: InputProps) {
  switch (props.field.type) {
    // @if references
    case "reference":
    case "references":
      return <ReferenceInput {...props} empty="Any" />;
    // @end
    case "boolean":
      return <TruthInput {...props} empty="Any" />;
    case "enum":
      return <ChoiceInput {...props} empty="Any" />;
    case "datetime":
      return <MomentFilter key={String(props.value)} {...props} />;
    default:
      return <LineFilter key={String(props.value)} {...props} />;
  }
}
