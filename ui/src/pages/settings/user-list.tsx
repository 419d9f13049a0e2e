import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Role, ROLES } from "../../../../src/core/role.ts";
import { type User, usersQuery } from "../../api/access.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";

const refresh = (): void => void queryClient.invalidateQueries({ queryKey: ["users"] });

/** People who sign in here. */
export function UserList() {
  const { data: users = [] } = useQuery(usersQuery);
  return (
    <>
      <NewUser />
      {users.length === 0 ? (
        <Empty>Nobody signs in yet: on this machine, the printed address is enough.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th>name</th>
              <th>role</th>
              <th className="wide">sees</th>
              <th>since</th>
              <th>
                <span className="out">acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {users.map((user) => (
              <UserRow key={user.name} user={user} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function UserRow({ user }: { readonly user: User }) {
  const [removing, setRemoving] = useState(false);
  const path = { params: { user: user.name } };
  const [wanted, setWanted] = useState<Role>(user.role);
  const change = useAct({
    needs: "admin",
    act: () => tutti().patch("/api/users/{user}", { ...path, body: { role: wanted } }),
    say: ({ name, role }) => `${name} is ${role} now.`,
    after: refresh,
  });
  const turn = useAct({
    needs: "admin",
    act: () => tutti().patch("/api/users/{user}", { ...path, body: { disabled: !user.disabled } }),
    say: ({ name, disabled }) => (disabled ? `${name} may not sign in any more.` : `${name} may sign in again.`),
    after: refresh,
  });
  const remove = useAct({
    needs: "admin",
    act: () => tutti().delete("/api/users/{user}", path),
    say: () => `${user.name} is removed, with sessions and tokens.`,
    after: refresh,
  });
  return (
    <tr>
      <td>
        <b className="wrap">{user.name}</b> {user.disabled && <span className="faint">may not sign in</span>}
      </td>
      <td>
        <select
          aria-label={`role of ${user.name}`}
          value={wanted}
          onChange={({ target }) => setWanted(target.value as Role)}
        >
          {ROLES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>{" "}
        {wanted !== user.role && (
          <Button small busy={change.busy} onPress={change.run}>
            Make {wanted}
          </Button>
        )}
      </td>
      <td className="wide dim">{user.tags === null ? "all workflows" : `tags ${user.tags.join(", ")}`}</td>
      <td className="nowrap">
        <Moment at={user.createdAt} />
      </td>
      <td className="num">
        <Button small busy={turn.busy} onPress={turn.run}>
          {user.disabled ? "Let in" : "Keep out"}
        </Button>{" "}
        {removing ? (
          <Button small go focused busy={remove.busy} onPress={remove.run}>
            Remove {user.name}
          </Button>
        ) : (
          <Button small onPress={() => setRemoving(true)}>
            Remove…
          </Button>
        )}
      </td>
    </tr>
  );
}

function NewUser() {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [password, setPassword] = useState("");
  const add = useAct({
    needs: "admin",
    act: () => tutti().post("/api/users", { body: { name, role, password } }),
    say: (user) => `${user.name} may sign in.`,
    after: () => {
      setName("");
      setPassword("");
      refresh();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.run();
  };
  return (
    <form className="filters" onSubmit={submit}>
      <label>
        name{" "}
        <input
          className="in quiet"
          required
          pattern="[a-z0-9][a-z0-9._@+\-]*"
          maxLength={100}
          value={name}
          autoComplete="off"
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <label>
        role{" "}
        <select value={role} onChange={({ target }) => setRole(target.value as Role)}>
          {ROLES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label>
        password{" "}
        <input
          className="in quiet"
          type="password"
          required
          minLength={10}
          autoComplete="new-password"
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
      </label>
      <button type="submit" className="btn small" aria-busy={add.busy || undefined}>
        Add
      </button>
    </form>
  );
}
