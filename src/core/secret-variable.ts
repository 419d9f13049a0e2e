/** The environment variable that gives a secret: `api-key` is `TUTTI_SECRET_API_KEY`. */
export const secretVariable = (name: string): string =>
  `TUTTI_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
