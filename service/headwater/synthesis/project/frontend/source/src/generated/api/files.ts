// @if account
import type { Role } from "../application";
// @end
import { download, request } from "./http";

/** An upload; a row keeps its reference. */
export type Upload = {
  reference: string;
  name: string;
  content_type: string;
  size: number;
};

/** Stored files. */
export const files = {
  upload: (file: File) => {
    const body = new FormData();
    body.append("file", file);
    return request<Upload>("POST", "/api/files", { body });
  },
  download: (reference: string) => download(`/api/files/${encodeURIComponent(reference)}`),
};
// @if account

/** Who may send and fetch files. */
export const filesRoles: readonly Role[] = $filesRoles;
// @end
