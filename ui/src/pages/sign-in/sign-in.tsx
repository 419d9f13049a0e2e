import { useState } from "react";
import { SetUp } from "./set-up.tsx";
import { SignInForm } from "./sign-in-form.tsx";

/** `#/set-up?key=…`: the address that a server without users prints. What follows a # is sent to nobody. */
const keyInAddress = (): string | null => /^#\/set-up\?key=(.+)$/.exec(location.hash)?.[1] ?? null;

/** The first page for whoever the server does not know. */
export function SignIn() {
  const [key] = useState(keyInAddress);
  return (
    <main className="alone">
      {key === null ? (
        <>
          <h1 className="answer">Sign in to Tutti.</h1>
          <SignInForm />
          <p className="dim">
            On the machine that the server runs on, no name is needed: open the address that <code>tutti start</code> or{" "}
            <code>tutti dev</code> has printed.
          </p>
        </>
      ) : (
        <>
          <h1 className="answer">Make the first admin.</h1>
          <SetUp setUpKey={decodeURIComponent(key)} />
        </>
      )}
    </main>
  );
}
