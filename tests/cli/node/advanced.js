// A client that registers itself, and then: a signed request (JAR) that it pushes (PAR), an encrypted ID token, DPoP, a device,
// the back channel (CIBA). Argument: issuer.
import * as oidc from "openid-client";

const [issuer] = process.argv.slice(2);
const redirect_uri = "http://127.0.0.1:9/cb";
const sign = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const rsa = { name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const open = await crypto.subtle.generateKey(rsa, true, ["encrypt", "decrypt"]);
const jwk = async (pair, more) => {
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, ...more }));
};
const key = { key: sign.privateKey, kid: "sign" };
const config = await oidc.dynamicClientRegistration(
  new URL(issuer),
  {
    client_name: "advanced",
    redirect_uris: [redirect_uri],
    grant_types: [
      "authorization_code",
      "refresh_token",
      "urn:ietf:params:oauth:grant-type:device_code",
      "urn:openid:params:grant-type:ciba",
    ],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: {
      keys: [
        await jwk(sign, { use: "sig", alg: "ES256", kid: "sign" }),
        await jwk(open, { use: "enc", alg: "RSA-OAEP-256", kid: "open" }),
      ],
    },
    id_token_encrypted_response_alg: "RSA-OAEP-256",
    id_token_encrypted_response_enc: "A256GCM",
    require_signed_request_object: true,
    request_object_signing_alg: "ES256",
  },
  oidc.PrivateKeyJwt(key),
  { execute: [oidc.allowInsecureRequests] },
);
oidc.enableDecryptingResponses(config, ["A256GCM"], { key: open.privateKey, alg: "RSA-OAEP-256", kid: "open" });

async function loggedIn(url) {
  const page = await fetch(url, { redirect: "manual" });
  const login = new URL(page.headers.get("location"), issuer);
  const headers = { Cookie: page.headers.get("set-cookie").split(";")[0] };
  const csrf = (await (await fetch(login, { headers })).text()).match(/name="csrf" value="([^"]+)"/)[1];
  const form = new URLSearchParams({ login: "alice", password: "wonderland", csrf });
  const back = await fetch(login, { method: "POST", headers, body: form, redirect: "manual" });
  return new URL(back.headers.get("location"));
}

// JAR, pushed; DPoP
const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair("ES256"));
const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
const expectedNonce = oidc.randomNonce();
const signed = await oidc.buildAuthorizationUrlWithJAR(
  config,
  {
    redirect_uri,
    scope: "openid profile",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    nonce: expectedNonce,
  },
  key,
);
const pushed = await oidc.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP });
const checks = { pkceCodeVerifier, expectedNonce, idTokenExpected: true };
const tokens = await oidc.authorizationCodeGrant(config, await loggedIn(pushed), checks, undefined, { DPoP });
const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });

// A device
const device = await oidc.initiateDeviceAuthorization(config, { scope: "openid" });
await fetch(device.verification_uri, {
  method: "POST",
  body: new URLSearchParams({ user_code: device.user_code, login: "alice", password: "wonderland", consent: "allow" }),
});
const onDevice = await oidc.pollDeviceAuthorizationGrant(config, device);

// The back channel
const asked = await oidc.initiateBackchannelAuthentication(config, { scope: "openid", login_hint: "alice", binding_message: "W4SCT" });
await fetch(new URL("/confirm", issuer), {
  method: "POST",
  body: new URLSearchParams({ binding_message: "W4SCT", login: "alice", password: "wonderland", consent: "allow" }),
});
const overBackChannel = await oidc.pollBackchannelAuthenticationGrant(config, asked);

console.log(
  JSON.stringify({
    encrypted: tokens.id_token.split(".").length,
    type: tokens.token_type,
    user,
    renewed: renewed.token_type,
    pushed: pushed.searchParams.get("request_uri").startsWith("urn:ietf:params:oauth:request_uri:"),
    device: onDevice.claims().sub,
    ciba: overBackChannel.claims().sub,
  }),
);
