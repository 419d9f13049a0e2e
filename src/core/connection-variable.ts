/** The environment variable that configures a connection: `shop-orders` is `TUTTI_CONNECTION_SHOP_ORDERS`. */
export const connectionVariable = (name: string): string =>
  `TUTTI_CONNECTION_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

/** The URL of a connection; a variable has neither case nor dashes, so it means every name that is spelled like it. */
export function connectionUrl(connections: Readonly<Record<string, string>>, name: string): string | null {
  if (Object.hasOwn(connections, name)) return connections[name] ?? null;
  const alike = Object.keys(connections).find((known) => connectionVariable(known) === connectionVariable(name));
  return alike === undefined ? null : (connections[alike] ?? null);
}
