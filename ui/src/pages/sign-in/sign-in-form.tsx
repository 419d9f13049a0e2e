import { useState } from "react";
import { session } from "../../api/session.ts";
import { tutti } from "../../api/tutti.ts";
import { AccountForm } from "./account-form.tsx";

/** Name and password; `name`: whose session has ended. */
export function SignInForm({ name: known = "" }: { readonly name?: string }) {
  const [name, setName] = useState(known);
  const [password, setPassword] = useState("");
  return (
    <AccountForm
      name={name}
      password={password}
      onName={setName}
      onPassword={setPassword}
      isNew={false}
      word="Sign in"
      submit={async () => session.entered(await tutti().post("/api/session", { body: { name, password } }))}
    />
  );
}
