import { TuttiClient } from "../../client/tutti-client.ts";

const DAYS = 90;

/** Signs in as a browser does, makes a token for this machine, and out again. @throws ApiError `SIGN_IN_FAILED` */
export async function tokenOfUser(server: string, name: string, password: string, host: string): Promise<string> {
  let cookie = "";
  // The session is a cookie: this client keeps it as a browser would.
  const withCookie: typeof fetch = async (target, init = {}) => {
    const answer = await fetch(target, {
      ...init,
      headers: { ...(init.headers as object), ...(cookie && { cookie }) },
    });
    const [set] = answer.headers.getSetCookie();
    cookie = set?.split(";")[0] ?? cookie;
    return answer;
  };
  const { csrf } = await new TuttiClient({ url: server, fetch: withCookie }).post("/api/session", {
    body: { name, password },
  });
  const signedIn = new TuttiClient({ url: server, fetch: withCookie, csrf: csrf ?? "" });
  const expiresAt = new Date(Date.now() + DAYS * 86_400_000).toISOString();
  const body = { name: `tutti login on ${host}`.slice(0, 100), expiresAt };
  const { secret } = await signedIn.post("/api/tokens", { body });
  await signedIn.delete("/api/session");
  return secret;
}
