import { Guard } from "../components/Guard";
import { PageHeader } from "../components/PageHeader";
import { Loaded } from "../components/states";
import { account } from "../models";
import { nameOf } from "../models/model";
import { useMe, useSession } from "../session/session";
import { RowActions, RowDetails } from "./DetailPage";

/** Who is signed in. */
export function ProfilePage() {
  const { state } = useSession();
  const query = useMe();
  return (
    <Guard allowed={state === "ready"}>
      <Loaded query={query}>
        {(me) => (
          <>
            <PageHeader title={nameOf(account, me)}>
              <RowActions model={account} row={me} />
            </PageHeader>
            <RowDetails model={account} row={me} />
          </>
        )}
      </Loaded>
    </Guard>
  );
}
