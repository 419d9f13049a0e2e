import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Role, ROLES } from "../../../../src/core/role.ts";
import { type Token, tokensQuery } from "../../api/access.ts";
import { queryClient } from "../../api/query-client.ts";
import { useMe } from "../../api/session.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { Moment } from "../../components/moment.tsx";

const refresh = (): void => void queryClient.invalidateQueries({ queryKey: ["tokens"] });

/** Tokens that programs come with: made, shown once, revoked. */
export function TokenList() {
  const { data: tokens = [] } = useQuery(tokensQuery);
  return (
    <>
      <NewToken />
      {tokens.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>name</th>
              <th>role</th>
              <th className="wide">of</th>
              <th>made</th>
              <th className="wide">last used</th>
              <th>until</th>
              <th>
                <span className="out">acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function TokenRow({ token }: { readonly token: Token }) {
  const revoke = useAct({
    needs: "viewer",
    act: () => tutti().delete("/api/tokens/{token}", { params: { token: String(token.id) } }),
    say: () => `Token "${token.name}" is revoked.`,
    after: refresh,
  });
  const { name, role, user, createdAt, lastUsedAt, expiresAt, revokedAt } = token;
  return (
    <tr>
      <td>
        <b className="wrap">{name}</b>
      </td>
      <td>{role}</td>
      <td className="wide dim">{user ?? "nobody in particular"}</td>
      <td className="nowrap">
        <Moment at={createdAt} />
      </td>
      <td className="wide dim">{lastUsedAt === null ? "never" : <Moment at={lastUsedAt} />}</td>
      <td className="nowrap">
        {revokedAt !== null ? (
          <span className="faint">revoked</span>
        ) : expiresAt === null ? (
          "for ever"
        ) : (
          <Moment at={expiresAt} />
        )}
      </td>
      <td className="num">
        {revokedAt === null && (
          <Button small busy={revoke.busy} refusal={revoke.refusal} onPress={revoke.run}>
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}

function NewToken() {
  const me = useMe();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const add = useAct({
    needs: "viewer",
    act: () => tutti().post("/api/tokens", { body: { name, role } }),
    after: refresh,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.run();
  };
  const allowed = ROLES.slice(0, ROLES.indexOf(me?.role ?? "viewer") + 1);
  return (
    <>
      <form className="filters" onSubmit={submit}>
        <label>
          name{" "}
          <input
            className="in quiet"
            required
            maxLength={100}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        <label>
          role{" "}
          <select value={role} onChange={({ target }) => setRole(target.value as Role)}>
            {allowed.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="submit" className="btn small" aria-busy={add.busy || undefined}>
          Make a token
        </button>
      </form>
      {add.done !== undefined && (
        <p className="secret" role="status">
          Its secret, shown this once: <code className="wrap">{add.done.secret}</code>
        </p>
      )}
    </>
  );
}
