/** The URL without its password and without parameters, which may hold tokens. */
export function maskUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0];
  if (scheme === undefined) return "***";
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@]*?):[^/?#]*@/i, "$1:***@").replace(/\?.*$/s, "?***");
}
