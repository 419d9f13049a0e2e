import { ApiError } from "../api/tutti.ts";
import { Button } from "./button.tsx";
import { Head } from "./head.tsx";

/** What a page could not do, in the server's own words. */
export const PageError = ({ error, reset }: { readonly error: unknown; readonly reset: () => void }) => (
  <>
    <Head
      answer
      title={error instanceof ApiError && error.status === 404 ? "It is not there." : "This page can't be shown."}
    />
    <p className="err wrap" role="alert">
      {error instanceof Error ? error.message : String(error)}
    </p>
    {error instanceof ApiError && <p className="faint mono">{error.code}</p>}
    <p style={{ marginTop: 16 }}>
      <Button go onPress={reset}>
        Try again
      </Button>
    </p>
  </>
);
