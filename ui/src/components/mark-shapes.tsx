/** The shape of every mark, once in the page; `Mark` shows them. */
export const MarkShapes = () => (
  <svg className="defs" aria-hidden="true">
    <symbol id="m-waiting" viewBox="0 0 14 14">
      <circle cx="7" cy="7" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.3" />
    </symbol>
    <symbol id="m-queued" viewBox="0 0 14 14">
      <circle cx="7" cy="7" r="5.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <circle cx="7" cy="7" r="2.1" fill="currentColor" />
    </symbol>
    <symbol id="m-running" viewBox="0 0 14 14">
      <path d="M2.5 1.2 13 7 2.5 12.8Z" fill="currentColor" />
    </symbol>
    <symbol id="m-deferred" viewBox="0 0 14 14">
      <path d="M2.6 1.5h3.2v11H2.6zM8.2 1.5h3.2v11H8.2z" fill="currentColor" />
    </symbol>
    <symbol id="m-up_for_retry" viewBox="0 0 14 14">
      <path d="M11.9 8.2A5 5 0 1 1 10.6 3.6" fill="none" stroke="currentColor" strokeWidth="1.9" />
      <path d="M13.4.9v5H8.4z" fill="currentColor" />
    </symbol>
    <symbol id="m-succeeded" viewBox="0 0 14 14">
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="m4.1 7.2 2.1 2.1 3.8-4.4" fill="none" stroke="var(--on)" strokeWidth="1.5" />
    </symbol>
    <symbol id="m-failed" viewBox="0 0 14 14">
      <path d="M.8.8h12.4v12.4H.8z" fill="currentColor" />
      <path d="m4 4 6 6m0-6-6 6" stroke="var(--on)" strokeWidth="1.8" />
    </symbol>
    <symbol id="m-upstream_failed" viewBox="0 0 14 14">
      <path d="M1.6 1.6h10.8v10.8H1.6z" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M7 10.6V4M4.3 6.4 7 3.7l2.7 2.7" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </symbol>
    <symbol id="m-skipped" viewBox="0 0 14 14">
      <path d="m2 2.4 4.6 4.6L2 11.6m5.6-9.2L12.2 7l-4.6 4.6" fill="none" stroke="currentColor" strokeWidth="1.8" />
    </symbol>
    <symbol id="m-cancelled" viewBox="0 0 14 14">
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="M3.6 7h6.8" stroke="var(--on)" strokeWidth="1.9" />
    </symbol>
    <symbol id="m-removed" viewBox="0 0 14 14">
      <path d="M1.6 1.6h10.8v10.8H1.6z" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="1.8 1.8" />
      <path d="M4.5 7h5" stroke="currentColor" strokeWidth="1.3" />
    </symbol>
    <symbol id="m-late" viewBox="0 0 14 14">
      <circle cx="7" cy="7" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M7 3.6V7l2.5 1.8" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </symbol>
    <symbol id="m-slow" viewBox="0 0 14 14">
      <path d="M1 4.5h5M1 9.5h12" stroke="currentColor" strokeWidth="2.2" />
    </symbol>
    <symbol id="m-person" viewBox="0 0 14 14">
      <circle cx="7" cy="4.2" r="2.6" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M1.8 13c.3-3.2 2.3-4.8 5.2-4.8s4.9 1.6 5.2 4.8" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </symbol>
    <symbol id="m-dot" viewBox="0 0 14 14">
      <circle cx="7" cy="7" r="4.6" fill="currentColor" />
    </symbol>
  </svg>
);
