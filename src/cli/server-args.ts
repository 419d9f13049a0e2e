/** Where a server listens. */
export const SERVER_ARGS = {
  host: {
    type: "string",
    description: "The address that the server listens on (default: 127.0.0.1)",
    valueHint: "address",
  },
  port: {
    type: "string",
    description: "Its port (default: 4747, or a free one when that is taken)",
    valueHint: "number",
  },
} as const;

export const serverFlags = ({ host, port }: { readonly host?: string; readonly port?: string }) => ({
  ...(host === undefined ? {} : { host }),
  ...(port === undefined ? {} : { port }),
});
