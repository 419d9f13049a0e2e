import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";

interface AccountFormProps {
  readonly name: string;
  readonly password: string;
  readonly onName: (name: string) => void;
  readonly onPassword: (password: string) => void;
  /** The password is made here and not known yet. */
  readonly isNew: boolean;
  readonly word: string;
  readonly submit: () => Promise<void>;
}

/** A name and a password, and what the server says of them. */
export function AccountForm({ name, password, onName, onPassword, isNew, word, submit }: AccountFormProps) {
  const { mutate, isPending, error } = useMutation({ mutationFn: submit });
  const id = useId();
  const send = (event: FormEvent): void => {
    event.preventDefault();
    mutate();
  };
  return (
    <form className="account" onSubmit={send}>
      <label htmlFor={`${id}n`}>name</label>
      <input
        id={`${id}n`}
        className="in"
        value={name}
        autoComplete="username"
        autoCapitalize="none"
        required
        autoFocus={name === ""}
        onChange={({ target }) => onName(target.value)}
      />
      <label htmlFor={`${id}p`}>password</label>
      <input
        id={`${id}p`}
        className="in"
        type="password"
        value={password}
        autoComplete={isNew ? "new-password" : "current-password"}
        minLength={isNew ? 10 : undefined}
        required
        onChange={({ target }) => onPassword(target.value)}
      />
      {error !== null && (
        <p className="err" role="alert">
          {error.message}
        </p>
      )}
      <button type="submit" className="btn go" aria-busy={isPending || undefined}>
        {word}
      </button>
    </form>
  );
}
