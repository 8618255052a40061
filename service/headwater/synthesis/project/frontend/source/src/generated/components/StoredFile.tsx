import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

// @if account
import { files, filesRoles } from "../api";
// @else
import { files } from "../api";
// @end
import { saveBlob } from "../data/blobs";
// @if account
import { useSession } from "../session/session";
// @end
import { Failure } from "./states";

/** A stored file: pictures are shown, all else can be saved. */
export function StoredFile({ reference }: { reference: string }) {
  // @if account
  const { role } = useSession();
  if (!filesRoles.includes(role)) {
    return <span className="nothing">Sign in to see it.</span>;
  }
  // @end
  return /\.(png|jpe?g|gif|webp)$/.test(reference) ? (
    <Picture reference={reference} />
  ) : (
    <SaveButton reference={reference} />
  );
}

function Picture({ reference }: { reference: string }) {
  const [source, setSource] = useState<string>();
  const { data, error } = useQuery({
    queryKey: ["files", reference],
    queryFn: () => files.download(reference),
    staleTime: Infinity,
  });
  useEffect(() => {
    if (!data) {
      return undefined;
    }
    const url = URL.createObjectURL(data);
    setSource(url);
    return () => URL.revokeObjectURL(url);
  }, [data]);
  if (error) {
    return <span className="nothing">The picture is missing.</span>;
  }
  return source ? <img className="picture" src={source} alt="" /> : <span className="picture" />;
}

function SaveButton({ reference }: { reference: string }) {
  const { refetch, isFetching, error } = useQuery({
    queryKey: ["files", reference],
    queryFn: () => files.download(reference),
    enabled: false,
  });
  const save = async () => {
    const { data } = await refetch();
    if (data) {
      saveBlob(data, reference);
    }
  };
  return (
    <>
      <button
        type="button"
        className="button button-small"
        disabled={isFetching}
        onClick={() => void save()}
      >
        Download
      </button>
      {error && <Failure error={error} />}
    </>
  );
}
