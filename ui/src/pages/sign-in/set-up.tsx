import { useState } from "react";
import { session } from "../../api/session.ts";
import { tutti } from "../../api/tutti.ts";
import { AccountForm } from "./account-form.tsx";

/** With the one-time key that the server printed, while it has no users. */
export function SetUp({ setUpKey }: { readonly setUpKey: string }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const submit = async (): Promise<void> => {
    const me = await tutti().post("/api/session/first", { body: { key: setUpKey, name, password } });
    history.replaceState(null, "", "/");
    session.entered(me);
  };
  return (
    <>
      <p className="dim">
        An admin sees everything and makes the other users. The password has 10 characters or more; the server keeps
        only a hash of it.
      </p>
      <AccountForm
        name={name}
        password={password}
        onName={setName}
        onPassword={setPassword}
        isNew
        word="Make the admin"
        submit={submit}
      />
    </>
  );
}
