import { useMe, useRefusal } from "../../api/session.ts";
import { Fact, Facts } from "../../components/facts.tsx";
import { Head } from "../../components/head.tsx";
import { Section } from "../../components/section.tsx";
import { AuditList } from "./audit-list.tsx";
import { PasswordForm } from "./password-form.tsx";
import { TokenList } from "./token-list.tsx";
import { UserList } from "./user-list.tsx";
import "../../styles/form.css";

/** Who may come in, what may he, and what was changed by whom? */
export function SettingsPage() {
  const me = useMe();
  const isAdmin = useRefusal("admin") === null;
  if (me === null) return null;
  return (
    <>
      <Head title="Settings" />
      <Section name="You">
        <div className="few">
          <Facts>
            <Fact name="name">{me.user ?? me.actor}</Fact>
            <Fact name="role">{me.role}</Fact>
            <Fact name="workflows">{me.tags === null ? "all" : `with the tags ${me.tags.join(", ")}`}</Fact>
          </Facts>
        </div>
        {me.user !== null && <PasswordForm />}
      </Section>
      <Section name="API tokens" note="for programs; shown once">
        <TokenList />
      </Section>
      {isAdmin && (
        <Section name="Users">
          <UserList />
        </Section>
      )}
      {isAdmin && (
        <Section name="Audit" note="every change, newest first">
          <AuditList />
        </Section>
      )}
      {!isAdmin && <p className="dim">Users and the audit log are an admin's.</p>}
    </>
  );
}
