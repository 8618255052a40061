// @if export
import { useMutation } from "@tanstack/react-query";
// @end
import { Link, useSearchParams } from "react-router";

// @if export
import { Failure } from "../components/states";
// @end
import { Filters } from "../components/Filters";
import { Guard } from "../components/Guard";
import { AddIcon } from "../components/icons";
import { PageHeader } from "../components/PageHeader";
import { Pagination } from "../components/Pagination";
import { Empty, Loaded } from "../components/states";
import { Table } from "../components/Table";
// @if export
import { saveBlob } from "../data/blobs";
// @end
import { inSentence } from "../data/format";
import { useList } from "../data/queries";
import { parametersOf, type Model } from "../models/model";
import { useRights } from "../session/access";

const SIZE = 20;

/** A list that can be searched, narrowed, sorted and paged; how it is shown stands in the address. */
export function ListPage({ model }: { model: Model }) {
  const rights = useRights(model);
  return (
    <Guard allowed={rights.read}>
      <PageHeader title={model.plural}>
        {/* @if export */}
        <ExportButton model={model} />
        {/* @end */}
        <NewLink model={model} />
      </PageHeader>
      <List model={model} />
    </Guard>
  );
}

function List({ model }: { model: Model }) {
  const address = useAddress(model);
  const query = useList(model, address.query);
  return (
    <>
      <Filters model={model} value={address.value} onChange={address.set} />
      <Loaded query={query}>
        {({ items, total }) =>
          items.length > 0 ? (
            <>
              <Table
                model={model}
                rows={items}
                caption={model.plural}
                sorting={{
                  sort: address.value("sort"),
                  onSort: (sort) => address.set("sort", sort),
                }}
              />
              <Pagination
                page={address.page}
                size={SIZE}
                total={total}
                onPage={(page) => address.set("page", String(page))}
              />
            </>
          ) : address.narrowed ? (
            <Empty title="Nothing fits.">
              <button type="button" className="button" onClick={address.clear}>
                Show all
              </button>
            </Empty>
          ) : (
            <Empty title={model.nothing ?? `There are no ${inSentence(model.plural)} yet.`}>
              <NewLink model={model} />
            </Empty>
          )
        }
      </Loaded>
    </>
  );
}

/** How the list is shown, as the address says it. */
function useAddress(model: Model) {
  const [parameters, setParameters] = useSearchParams();
  const value = (name: string) => parameters.get(name) ?? "";
  const filters = model.fields.flatMap(parametersOf);
  const page = Math.max(1, Number.parseInt(value("page"), 10) || 1);
  const narrowing = ["q", ...filters];
  return {
    page,
    value,
    narrowed: page > 1 || narrowing.some((name) => value(name) !== ""),
    query: {
      limit: SIZE,
      offset: (page - 1) * SIZE,
      sort: value("sort"),
      ...Object.fromEntries(narrowing.map((name) => [name, value(name)])),
    },
    set: (name: string, changed: string) =>
      setParameters((former) => {
        former.delete("page");
        former.set(name, changed);
        if (changed === "" || (name === "page" && changed === "1")) {
          former.delete(name);
        }
        return former;
      }),
    clear: () => setParameters({}),
  };
}

/** The way to a new row, for those who may make one. */
export function NewLink({ model, search = "" }: { model: Model; search?: string }) {
  const rights = useRights(model);
  if (!rights.create) {
    return null;
  }
  return (
    <Link className="button button-primary" to={`/${model.path}/new${search}`}>
      <AddIcon />
      New {inSentence(model.label)}
    </Link>
  );
}
// @if export

function ExportButton({ model }: { model: Model }) {
  const rights = useRights(model);
  const exporting = useMutation({
    mutationFn: async () => model.calls.export?.(),
    onSuccess: (blob) => blob && saveBlob(blob, `${model.path}.csv`),
  });
  if (!rights.export) {
    return null;
  }
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={exporting.isPending}
        onClick={() => exporting.mutate()}
      >
        Export
      </button>
      {exporting.error && <Failure error={exporting.error} />}
    </>
  );
}
// @end
