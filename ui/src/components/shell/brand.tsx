/** The name, on a line. */
export const Brand = () => (
  <svg
    width="60"
    height="26"
    viewBox="0 0 60 26"
    fill="none"
    stroke="currentColor"
    strokeWidth="2.3"
    role="img"
    aria-label="tutti"
  >
    <path d="M0 9.5h60" />
    <path d="M6 3.5v14.2c0 2.6 1.4 3.6 4.2 3.1M17 9.5v7.4c0 2.6 1.6 4.1 4.1 4.1s5-1.7 5-4.6V9.5M26.1 9.5V22M36 3.5v14.2c0 2.6 1.4 3.6 4.2 3.1M46 3.5v14.2c0 2.6 1.4 3.6 4.2 3.1M56.6 9.5V22" />
    <path d="M56.6 2.6v3" />
  </svg>
);
