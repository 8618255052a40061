import { Link } from "react-router";

import type { Reference } from "../api/http";
import { format } from "../data/format";
import type { FieldModel } from "../models/model";
// @if references
import { models } from "../models";
import { useSession } from "../session/session";
// @end
// @if files
import { StoredFile } from "./StoredFile";
// @end

/** A value as it is shown in lists and on the page of a row. */
export function Value({ field, value }: { field: FieldModel; value: unknown }) {
  if (value === null || value === undefined || value === "") {
    return <span className="nothing">–</span>;
  }
  switch (field.type) {
    // @if references
    case "reference":
      return <ReferenceLink path={field.target} to={value as Reference} />;
    case "references":
      return <ReferenceLinks path={field.target} to={value as Reference[]} />;
    // @end
    // @if files
    case "file":
      return <StoredFile reference={String(value)} />;
    // @end
    case "boolean":
    case "enum":
      return <span className="tag">{format(field, value)}</span>;
    case "email":
      return <a href={`mailto:${String(value)}`}>{String(value)}</a>;
    case "url":
      return (
        <a href={safe(String(value))} rel="noreferrer">
          {String(value)}
        </a>
      );
    case "datetime":
      return <time dateTime={String(value)}>{format(field, value)}</time>;
    default:
      return format(field, value);
  }
}

/** A link leads to the web and nowhere else, whatever was stored. */
function safe(url: string): string | undefined {
  return /^https?:\/\//i.test(url) ? url : undefined;
}
// @if references

function ReferenceLink({ path, to }: { path: string | undefined; to: Reference }) {
  const { role } = useSession();
  const readable = path !== undefined && models[path]?.access.read?.[role] !== undefined;
  return readable ? <Link to={`/${path}/${to.id}`}>{to.label}</Link> : to.label;
}

function ReferenceLinks({ path, to }: { path: string | undefined; to: Reference[] }) {
  if (to.length === 0) {
    return <span className="nothing">–</span>;
  }
  return (
    <ul className="tags">
      {to.map((each) => (
        <li key={each.id} className="tag">
          <ReferenceLink path={path} to={each} />
        </li>
      ))}
    </ul>
  );
}
// @end
