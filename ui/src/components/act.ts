import { useMutation } from "@tanstack/react-query";
import type { Role } from "../../../src/core/role.ts";
import { useRefusal } from "../api/session.ts";
import { ApiError } from "../api/tutti.ts";
import { tell } from "./notices.tsx";

interface Acted<T> {
  readonly run: () => void;
  readonly busy: boolean;
  /** Why it can't be done by this viewer. */
  readonly refusal: string | null;
  readonly done: T | undefined;
}

interface ActOptions<T> {
  readonly needs: Role;
  readonly act: () => Promise<T>;
  /** What to say when it is done; `null`: nothing. */
  readonly say?: ((done: T) => string | null) | undefined;
  readonly after?: ((done: T) => void) | undefined;
}

/** Something that changes the server: pressed once, told about, refused to whoever may not. */
export function useAct<T>({ needs, act, say, after }: ActOptions<T>): Acted<T> {
  const refusal = useRefusal(needs);
  const { mutate, isPending, data } = useMutation({
    mutationFn: act,
    onSuccess: (done) => {
      const text = say?.(done) ?? null;
      if (text !== null) tell("done", text);
      after?.(done);
    },
    onError: (error) => {
      const code = error instanceof ApiError ? error.code : undefined;
      tell("failed", error.message, code);
    },
  });
  return { run: () => mutate(), busy: isPending, refusal, done: data };
}
