// Every flow with oauth4webapi, which checks what it is given as strictly as the standards let it.
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { Person } from "./person.mjs";

const world = JSON.parse(process.env.WORLD);
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(world.issuer);
const person = () => new Person(world.email, world.password);
const shown = (name) => console.log(`ok ${name}`);

const discovered = {};
for (const algorithm of ["oidc", "oauth2"]) {
  const answer = await oauth.discoveryRequest(issuer, { algorithm, ...insecure });
  discovered[algorithm] = await oauth.processDiscoveryResponse(issuer, answer);
}
const as = discovered.oidc;
shown("discovery");

const plain = { client_id: world.public };
const confidential = { client_id: world.confidential.id };
const secret = oauth.ClientSecretBasic(world.confidential.secret);
const CALLBACK = "http://127.0.0.1:49152/callback";

/** The code flow, up to the token; `how` may push the request or bind it to a key. */
async function code(client, auth, scope, how = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const nonce = oauth.generateRandomNonce();
  const state = oauth.generateRandomState();
  let parameters = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    response_type: "code",
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...how.parameters,
  });
  if (how.push) {
    const pushed = await oauth.pushedAuthorizationRequest(as, client, auth, parameters, { DPoP: how.dpop, ...insecure });
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, pushed);
    parameters = new URLSearchParams({ client_id: client.client_id, request_uri });
  }
  const url = new URL(as.authorization_endpoint);
  url.search = parameters.toString();
  const end = await (how.person ?? person()).go(url.href);
  const answered = oauth.validateAuthResponse(as, client, new URL(end), state);
  const ask = () =>
    oauth.authorizationCodeGrantRequest(as, client, auth, answered, CALLBACK, verifier, { DPoP: how.dpop, ...insecure });
  const answer = await ask();
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer.clone(), {
    expectedNonce: scope.split(" ").includes("openid") ? nonce : undefined,
  });
  if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, answer, insecure);
  return { tokens, again: ask };
}

async function get(path, token, options = {}) {
  return oauth.protectedResourceRequest(token, "GET", new URL(path, issuer), undefined, undefined, { ...options, ...insecure });
}

// Authorization code with PKCE, a public client; the code works once, and using it twice ends all that came of it.
{
  const { tokens, again } = await code(plain, oauth.None(), "openid pets:read");
  assert.equal(oauth.getValidatedIdTokenClaims(tokens).iss, world.issuer);
  assert.equal((await get("/v1/pets?limit=1", tokens.access_token)).status, 200);
  await assert.rejects(async () => get("/v1/customers?limit=1", tokens.access_token), (wrong) => wrong.status === 403 && /insufficient_scope/.test(JSON.stringify(wrong.cause)));
  const userinfo = await oauth.userInfoRequest(as, plain, tokens.access_token, insecure);
  await oauth.processUserInfoResponse(as, plain, oauth.getValidatedIdTokenClaims(tokens).sub, userinfo);
  shown("code with PKCE, ID token, userinfo, scope");
  assert.equal((await again()).status, 400);
  await new Promise((done) => setTimeout(done, 1200));
  await assert.rejects(async () => get("/v1/pets?limit=1", tokens.access_token), (wrong) => wrong.status === 401);
  shown("a code used twice revokes");
}

// Refresh tokens rotate, and a used one revokes its family.
{
  const { tokens } = await code(confidential, secret, "pets:read");
  const refresh = async (token) => oauth.refreshTokenGrantRequest(as, confidential, secret, token, insecure);
  const second = await oauth.processRefreshTokenResponse(as, confidential, await refresh(tokens.refresh_token));
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  assert.equal((await get("/v1/pets?limit=1", second.access_token)).status, 200);
  const known = await oauth.introspectionRequest(as, confidential, secret, second.access_token, insecure);
  assert.equal((await oauth.processIntrospectionResponse(as, confidential, known)).active, true);
  shown("refresh and introspection");
  assert.equal((await refresh(tokens.refresh_token)).status, 400);
  assert.equal((await refresh(second.refresh_token)).status, 400);
  shown("a refresh token used twice revokes");
}

// Revocation.
{
  const { tokens } = await code(confidential, secret, "pets:read");
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, confidential, secret, tokens.refresh_token, insecure));
  const after = await oauth.refreshTokenGrantRequest(as, confidential, secret, tokens.refresh_token, insecure);
  assert.equal(after.status, 400);
  shown("revocation");
}

// A pushed request, a resource, and tokens that are bound to a key.
{
  const keys = await oauth.generateKeyPair("ES256");
  const dpop = oauth.DPoP(confidential, keys);
  const how = { push: true, dpop, parameters: { resource: `${world.issuer}/v1` } };
  const { tokens } = await code(confidential, secret, "pets:read", how);
  assert.equal(tokens.token_type, "dpop");
  const answer = await oauth.protectedResourceRequest(tokens.access_token, "GET", new URL("/v1/pets?limit=1", issuer), undefined, undefined, { DPoP: dpop, ...insecure });
  assert.equal(answer.status, 200);
  const bare = await fetch(new URL("/v1/pets?limit=1", issuer), { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal(bare.status, 401);
  shown("pushed request, resource, DPoP");
}

// Client credentials, by each way of proving oneself.
for (const [name, client, auth] of [
  ["client_secret_basic", world.basic, oauth.ClientSecretBasic(world.basic.secret)],
  ["client_secret_post", world.post, oauth.ClientSecretPost(world.post.secret)],
  ["private_key_jwt", world.signed, oauth.PrivateKeyJwt({ key: await crypto.subtle.importKey("jwk", world.signed.key, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]), kid: world.signed.key.kid })],
]) {
  const known = { client_id: client.id };
  const answer = await oauth.clientCredentialsGrantRequest(as, known, auth, new URLSearchParams({ scope: "pets:read" }), insecure);
  const tokens = await oauth.processClientCredentialsResponse(as, known, answer);
  assert.equal(tokens.scope ?? "pets:read", "pets:read");
  assert.equal(tokens.refresh_token, undefined);
  assert.equal((await get("/v1/pets?limit=1", tokens.access_token)).status, 200);
  shown(`client credentials by ${name}`);
}

// A device.
{
  const asked = await oauth.deviceAuthorizationRequest(as, confidential, secret, new URLSearchParams({ scope: "pets:read" }), insecure);
  const device = await oauth.processDeviceAuthorizationResponse(as, confidential, asked);
  const poll = () => oauth.deviceCodeGrantRequest(as, confidential, secret, device.device_code, insecure);
  const early = await (await poll()).json();
  assert.equal(early.error, "authorization_pending");
  await person().go(device.verification_uri_complete ?? device.verification_uri, { user_code: device.user_code });
  await new Promise((done) => setTimeout(done, (device.interval ?? 5) * 1000 + 200));
  const tokens = await oauth.processDeviceCodeResponse(as, confidential, await poll());
  assert.equal((await get("/v1/pets?limit=1", tokens.access_token)).status, 200);
  shown("device");
}

// A client that registers itself has to wait for approval.
{
  const answer = await oauth.dynamicClientRegistrationRequest(as, { client_name: "New", redirect_uris: ["https://vendor.example/callback"], token_endpoint_auth_method: "client_secret_basic" }, insecure);
  const made = await oauth.processDynamicClientRegistrationResponse(answer);
  const refused = await oauth.clientCredentialsGrantRequest(as, made, oauth.ClientSecretBasic(made.client_secret), new URLSearchParams(), insecure);
  assert.ok(refused.status === 400 || refused.status === 401);
  shown("registration waits");
}
console.log("all");
