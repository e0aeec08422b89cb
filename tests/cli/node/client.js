// Discovery, code with PKCE, UserInfo, refresh, introspection, revocation, client credentials. Arguments: issuer, secret.
import * as oidc from "openid-client";

const [issuer, secret] = process.argv.slice(2);
const config = await oidc.discovery(new URL(issuer), "web", secret, undefined, { execute: [oidc.allowInsecureRequests] });

const verifier = oidc.randomPKCECodeVerifier();
const nonce = oidc.randomNonce();
const state = oidc.randomState();
const url = oidc.buildAuthorizationUrl(config, {
  redirect_uri: "http://127.0.0.1:9/cb",
  scope: "openid profile",
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  nonce,
  state,
});
const page = await fetch(url, { redirect: "manual" });
const login = new URL(page.headers.get("location"), issuer);
const headers = { Cookie: page.headers.get("set-cookie").split(";")[0] };
const csrf = (await (await fetch(login, { headers })).text()).match(/name="csrf" value="([^"]+)"/)[1];
const form = new URLSearchParams({ login: "alice", password: "wonderland", csrf });
const back = await fetch(login, { method: "POST", headers, body: form, redirect: "manual" });
const tokens = await oidc.authorizationCodeGrant(config, new URL(back.headers.get("location")), {
  pkceCodeVerifier: verifier,
  expectedNonce: nonce,
  expectedState: state,
  idTokenExpected: true,
});
const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
const seen = await oidc.tokenIntrospection(config, renewed.access_token);
await oidc.tokenRevocation(config, renewed.refresh_token);
const later = await oidc.tokenIntrospection(config, renewed.access_token);
const own = await oidc.clientCredentialsGrant(config, {});
console.log(JSON.stringify({ user, seen: seen.active, later: later.active, own: own.token_type, sub: tokens.claims().sub }));
