// A certified OpenID Connect provider as a process of its own. It says on its channel where it listens; accounts stand in its arguments, as JSON.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { accounts, client } = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client],
    cookies: { keys: ["of a test"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
    pkce: { required: () => true },
    findAccount: (_, id) => {
      const claims = accounts[id];
      return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
  });
  server.on("request", provider.callback());
  process.send({ issuer });
});
process.on("disconnect", () => process.exit(0));
