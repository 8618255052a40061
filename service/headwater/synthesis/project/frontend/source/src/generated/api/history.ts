// @if account
import type { Reference } from "./http";

// @end
/** A change of a row: what each attribute was before, and after. */
export type HistoryEntry = {
  id: number;
  action: string;
  at: string;
  // @if account
  actor: Reference | null;
  // @end
  changes: Record<string, unknown>;
};
