import { application } from "../application";

const KEY = `${application.name}.token`;

let token = sessionStorage.getItem(KEY);
const watchers = new Set<() => void>();

/** The token of who is signed in: kept in memory, and in this tab for when the page is loaded again. */
export function readToken(): string | null {
  return token;
}

export function writeToken(value: string | null): void {
  token = value;
  if (value === null) {
    sessionStorage.removeItem(KEY);
  } else {
    sessionStorage.setItem(KEY, value);
  }
  watchers.forEach((tell) => tell());
}

export function watchToken(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}
