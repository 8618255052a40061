import { useMutation } from "@tanstack/react-query";

import { files } from "../api";
import type { InputProps } from "./inputs";
import { StoredFile } from "./StoredFile";

/** A file: it is sent as soon as it is chosen, and the form keeps its reference. */
export function FileInput({ field, id, value, invalid, describedBy, onChange }: InputProps) {
  const sending = useMutation({
    mutationFn: (file: File) => files.upload(file),
    onSuccess: ({ reference }) => onChange(reference),
  });
  return (
    <div className="file">
      <input
        type="file"
        className="input"
        id={id}
        required={field.required && value === ""}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) {
            sending.mutate(file);
          }
        }}
      />
      <p role="status" className="hint">
        {sending.isPending ? "Sending the file…" : sending.isSuccess ? "The file was sent." : ""}
      </p>
      {sending.isError && (
        <p role="alert" className="field-error">
          {sending.error.message}
        </p>
      )}
      {value !== "" && (
        <div className="actions">
          <StoredFile reference={String(value)} />
          {!field.required && (
            <button type="button" className="button button-small" onClick={() => onChange("")}>
              Remove
            </button>
          )}
        </div>
      )}
    </div>
  );
}
