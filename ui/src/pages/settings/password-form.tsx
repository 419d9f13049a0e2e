import { type FormEvent, useState } from "react";
import { session } from "../../api/session.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";

/** Another password; every session ends with the old one. */
export function PasswordForm() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const change = useAct({
    needs: "viewer",
    act: () => tutti().post("/api/session/password", { body: { old, new: next } }),
    say: () => "The password is changed. Sign in with it.",
    after: () => session.ended(),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.run();
  };
  return (
    <form className="form-grid" onSubmit={submit}>
      <label htmlFor="old-password">old password</label>
      <input
        id="old-password"
        className="in"
        type="password"
        autoComplete="current-password"
        required
        value={old}
        onChange={({ target }) => setOld(target.value)}
      />
      <label htmlFor="new-password">new password</label>
      <input
        id="new-password"
        className="in"
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
        value={next}
        onChange={({ target }) => setNext(target.value)}
      />
      <span />
      <button type="submit" className="btn" aria-busy={change.busy || undefined}>
        Change the password
      </button>
    </form>
  );
}
