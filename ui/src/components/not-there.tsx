import { Link } from "@tanstack/react-router";
import { Head } from "./head.tsx";

/** An address that leads nowhere. */
export const NotThere = () => (
  <>
    <Head answer title="There is nothing here." facts="The address is wrong, or what it led to has been removed." />
    <Link to="/" className="btn go">
      Home
    </Link>
  </>
);
