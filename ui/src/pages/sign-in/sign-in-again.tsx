import { Dialog } from "../../components/dialog.tsx";
import { session } from "../../api/session.ts";
import { Button } from "../../components/button.tsx";
import { SignInForm } from "./sign-in-form.tsx";

/** Over the page whose session has ended: what was typed there stays. */
export const SignInAgain = ({ name }: { readonly name: string | null }) => (
  <Dialog label="Your session has ended" closable={false} onClose={() => {}}>
    <h2>Your session has ended.</h2>
    <p className="dim">Nothing of this page is lost. Sign in, and go on.</p>
    {name === null ? (
      <p>
        Open the address that <code>tutti start</code> has printed in another tab, and come back.{" "}
        <Button small onPress={() => void session.ask()}>
          I have
        </Button>
      </p>
    ) : (
      <SignInForm name={name} />
    )}
  </Dialog>
);
