/** What a task needs to run at all: paths, the user, language, time zone, certificates, proxies. Nothing that may hold a secret of somebody else's. */
const ALLOWED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "TMP",
  "TEMP",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "NO_COLOR",
  "FORCE_COLOR",
  "NODE_ENV",
  "NODE_COMPILE_CACHE",
  "SystemRoot",
  "APPDATA",
  "LOCALAPPDATA",
  "USERPROFILE",
] as const;

const ALLOWED_PREFIX = "LC_";

/**
 * The environment of a process that we start: an allow-list of our own, and what is added on purpose. Connections are handed out apart, by
 * what a workflow declares.
 */
export function cleanEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const allowed = Object.entries(host).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      ((ALLOWED as readonly string[]).includes(entry[0]) || entry[0].startsWith(ALLOWED_PREFIX)),
  );
  return { ...Object.fromEntries(allowed), ...added };
}
