// An authorization server in another language: it signs with a private key that never leaves this process, and shows
// the public ones as a JWK Set and as PEM. Arguments: audience, lifetime in seconds. Prints its base URL.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from "jose";

const [audience, lifetime] = process.argv.slice(2);
const clients = { web: "tea-party" };
const users = { alice: { password: "wonderland", sub: "123" } };
const keys = [];

async function rotate() {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = `node-${keys.length + 1}`;
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
  keys.unshift({ kid, privateKey, jwk, pem: await exportSPKI(publicKey) });
  return kid;
}

const equal = (a, b) => timingSafeEqual(...[a, b].map((text) => createHash("sha256").update(String(text)).digest()));

function isClient(header) {
  const [scheme, credentials] = (header ?? "").split(" ");
  const [id, secret] = Buffer.from(credentials ?? "", "base64").toString().split(":");
  return scheme.toLowerCase() === "basic" && Object.hasOwn(clients, id) && equal(secret, clients[id]);
}

async function token(request, body) {
  if (!isClient(request.headers.authorization)) {
    return [401, { error: "invalid_client" }, { "WWW-Authenticate": 'Basic realm="node"' }];
  }
  const form = new URLSearchParams(body);
  if (form.get("grant_type") !== "password") return [400, { error: "unsupported_grant_type" }];
  const name = form.get("username");
  const user = Object.hasOwn(users, name) ? users[name] : { password: "" };
  if (!equal(form.get("password"), user.password) || !user.sub) return [400, { error: "invalid_grant" }];
  const now = Math.floor(Date.now() / 1000);
  const access_token = await new SignJWT({ client_id: "web" })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: keys[0].kid })
    .setIssuer(url).setSubject(user.sub).setAudience(audience).setJti(crypto.randomUUID())
    .setIssuedAt(now).setExpirationTime(now + Number(lifetime))
    .sign(keys[0].privateKey);
  return [200, { access_token, token_type: "Bearer", expires_in: Number(lifetime) }];
}

const routes = {
  "POST /oauth/token": token,
  "GET /jwks": () => [200, { keys: keys.map((key) => key.jwk) }],
  "GET /public.pem": () => [200, keys[0].pem],
  "GET /.well-known/oauth-authorization-server": () => [
    200, { issuer: url, token_endpoint: `${url}/oauth/token`, jwks_uri: `${url}/jwks`, response_types_supported: ["code"] },
  ],
  "POST /keys": async () => [201, { kid: await rotate() }],
  "DELETE /keys/old": () => (keys.splice(1), [204, ""]),
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const route = routes[`${request.method} ${new URL(request.url, url).pathname}`] ?? (() => [404, { error: "not_found" }]);
  const [status, body, headers] = await route(request, Buffer.concat(chunks).toString());
  const isText = typeof body === "string";
  response.writeHead(status, {
    "Content-Type": isText ? "application/x-pem-file" : "application/json", "Cache-Control": "no-store", ...headers,
  });
  response.end(isText ? body : JSON.stringify(body));
});

await rotate();
server.listen(0, "127.0.0.1");
await new Promise((listening) => server.once("listening", listening));
const url = `http://127.0.0.1:${server.address().port}`;
console.log(url);
