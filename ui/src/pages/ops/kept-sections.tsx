import { useQuery } from "@tanstack/react-query";
import { connectionsQuery, secretsQuery } from "../../api/ops.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { CommandStrip } from "../../components/command-strip.tsx";
import { Section } from "../../components/section.tsx";
import { KeepForm } from "./keep-form.tsx";
import { KeptTable } from "./kept-table.tsx";

const again = (key: string) => (): void => void queryClient.invalidateQueries({ queryKey: [key] });

/** How tasks reach other systems. */
export function ConnectionSection() {
  const { data: connections = [] } = useQuery(connectionsQuery);
  const after = again("connections");
  return (
    <Section name="Connections" note="kept encrypted; what is secret is never shown">
      {connections.length === 0 ? (
        <p className="dim">
          None. A task that declares <code>connections: ["warehouse"]</code> gets the URL that is kept under that name.
        </p>
      ) : (
        <KeptTable
          word="Connection"
          kept={connections}
          shown={({ shown }) => shown}
          remove={(connection) => tutti().delete("/api/connections/{connection}", { params: { connection } })}
          after={after}
        />
      )}
      <KeepForm
        word="connection"
        secret="url"
        placeholder="postgres://user:password@host/db"
        keep={({ name, secret, description }) =>
          tutti().post("/api/connections", { body: { name, url: secret, description } })
        }
        after={after}
      />
      <CommandStrip cli="tutti connections" />
    </Section>
  );
}

/** What tasks need and nobody may read. */
export function SecretSection() {
  const { data: secrets = [] } = useQuery(secretsQuery);
  const after = again("secrets");
  return (
    <Section name="Secrets" note="values go in, and never come out">
      {secrets.length === 0 ? (
        <p className="dim">
          None. A task that declares <code>secrets: ["API_KEY"]</code> gets what is kept under that name.
        </p>
      ) : (
        <KeptTable
          word="Secret"
          kept={secrets}
          remove={(secret) => tutti().delete("/api/secrets/{secret}", { params: { secret } })}
          after={after}
        />
      )}
      <KeepForm
        word="secret"
        secret="value"
        keep={({ name, secret, description }) =>
          tutti().post("/api/secrets", { body: { name, value: secret, description } })
        }
        after={after}
      />
      <CommandStrip cli="tutti secrets" />
    </Section>
  );
}
