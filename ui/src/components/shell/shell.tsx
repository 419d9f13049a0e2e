import { Outlet, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { JumpKey } from "../jump/jump-key.tsx";
import { Jump } from "../jump/jump.tsx";
import { KeySheet } from "../key-sheet.tsx";
import { Notices } from "../notices.tsx";
import { useShortcut } from "../shortcuts.ts";
import { viewerZone } from "../../words/time-text.ts";
import { Bar } from "./bar.tsx";
import { Nav } from "./nav.tsx";

/** Around every page: where one can go, where one is, and how the connection is. */
export function Shell() {
  const [open, setOpen] = useState<"jump" | "keys" | null>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useShortcut("?", () => setOpen("keys"));
  useShortcut("/", () => setOpen("jump"));
  return (
    <div className="frame">
      <a className="skip" href="#page">
        To the page
      </a>
      <Nav path={path} />
      <div className="beside">
        <Bar onJump={() => setOpen("jump")} />
        <Notices />
        <main id="page" tabIndex={-1}>
          <Outlet />
        </main>
        <footer className="zone">Times are those of {viewerZone()}.</footer>
      </div>
      {open === "jump" && <Jump onClose={() => setOpen(null)} />}
      {open === "keys" && <KeySheet onClose={() => setOpen(null)} />}
      <JumpKey onJump={() => setOpen("jump")} />
    </div>
  );
}
