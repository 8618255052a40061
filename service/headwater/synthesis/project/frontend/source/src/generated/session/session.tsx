// @if account
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useMemo, useSyncExternalStore, type ReactNode } from "react";

import { auth } from "../api";
import { anonymous, roles, type Role } from "../application";
import { readToken, watchToken, writeToken } from "./token";

type Actions = {
  signIn(email: string, password: string): Promise<void>;
  signOut(): void;
  retry(): void;
};

/** Who uses the application: their role, and the number of their account. */
export type Session = Actions & { role: Role; id: number | null } & (
    { state: "anonymous" | "loading" | "ready" } | { state: "failed"; problem: Error }
  );

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const token = useToken();
  const { data, error, refetch } = useMe();
  const session = useMemo<Session>(() => {
    const actions: Actions = {
      signIn: async (email, password) => {
        const { access_token } = await auth.logIn({ email, password });
        client.clear();
        writeToken(access_token);
      },
      signOut: () => {
        writeToken(null);
        client.clear();
      },
      retry: () => void refetch(),
    };
    const nobody = { ...actions, role: anonymous, id: null };
    if (token === null) {
      return { ...nobody, state: "anonymous" };
    }
    if (data) {
      const role = roles.find((each) => each === data.role) ?? anonymous;
      return { ...actions, role, id: data.id, state: "ready" };
    }
    return error ? { ...nobody, state: "failed", problem: error } : { ...nobody, state: "loading" };
  }, [client, data, error, refetch, token]);
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) {
    throw new Error("useSession is called outside of SessionProvider.");
  }
  return session;
}

/** The account of who is signed in. */
export function useMe() {
  const token = useToken();
  return useQuery({ queryKey: ["me", token], queryFn: () => auth.me(), enabled: token !== null });
}

function useToken(): string | null {
  return useSyncExternalStore(watchToken, readToken);
}
// @else
import { anonymous, type Role } from "../application";

/** Nobody signs in: everybody has the same role. */
export function useSession(): { role: Role; id: number | null } {
  return { role: anonymous, id: null };
}
// @end
