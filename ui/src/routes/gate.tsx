import { type ReactNode, useEffect } from "react";
import { feed } from "../api/live/feed.ts";
import { queryClient } from "../api/query-client.ts";
import { session, useSession } from "../api/session.ts";
import { Button } from "../components/button.tsx";
import { SignIn } from "../pages/sign-in/sign-in.tsx";
import { SignInAgain } from "../pages/sign-in/sign-in-again.tsx";

/** A server that does not answer is asked again so often. */
const AGAIN_MS = 3_000;

/** Nobody passes whom the server does not know. Whose session ends meanwhile stays where he is, and signs in over it. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const state = useSession();
  const who = state.kind === "in" ? state.me.actor : null;
  useEffect(() => {
    if (who === null) return;
    feed.begin();
    void queryClient.invalidateQueries({ predicate: ({ state: { status } }) => status === "error" });
  }, [who]);
  const isAway = state.kind === "away";
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(() => void session.ask(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [isAway]);
  switch (state.kind) {
    case "asking":
      return null;
    case "away":
      return (
        <main className="alone">
          <h1 className="answer">The server does not answer.</h1>
          <p className="dim">{state.message}</p>
          <Button go onPress={() => void session.ask()}>
            Try again
          </Button>
        </main>
      );
    case "out":
      return <SignIn />;
    case "in":
    case "ended":
      return (
        <>
          {children}
          {state.kind === "ended" && <SignInAgain name={state.me.user} />}
        </>
      );
  }
}
