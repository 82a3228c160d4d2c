// The flows of an ordinary vendor with openid-client.
import assert from "node:assert/strict";
import * as client from "openid-client";
import { Person } from "./person.mjs";

const world = JSON.parse(process.env.WORLD);
const CALLBACK = "http://127.0.0.1:49152/callback";
const shown = (name) => console.log(`ok ${name}`);
const known = (id, secret) =>
  client.discovery(new URL(world.issuer), id, secret, undefined, { execute: [client.allowInsecureRequests] });

const config = await known(world.confidential.id, world.confidential.secret);
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: CALLBACK,
  scope: "openid pets:read",
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
  state: expectedState,
  nonce: expectedNonce,
});
const end = await new Person(world.email, world.password).go(url.href);
const tokens = await client.authorizationCodeGrant(config, new URL(end), { pkceCodeVerifier, expectedState, expectedNonce });
assert.equal(tokens.claims().aud, world.confidential.id);
shown("code, ID token");

const pets = await client.fetchProtectedResource(config, tokens.access_token, new URL("/v1/pets?limit=1", world.issuer), "GET");
assert.equal(pets.status, 200);
await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
shown("the API and userinfo");

const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
assert.equal((await client.tokenIntrospection(config, fresh.access_token)).active, true);
await client.tokenRevocation(config, fresh.refresh_token);
await assert.rejects(client.refreshTokenGrant(config, fresh.refresh_token), (wrong) => wrong.error === "invalid_grant");
shown("refresh, introspection, revocation");

const machine = await known(world.basic.id, world.basic.secret);
const own = await client.clientCredentialsGrant(machine, { scope: "pets:read" });
assert.equal(own.token_type, "bearer");
shown("client credentials");

const device = await client.initiateDeviceAuthorization(config, { scope: "pets:read" });
const polled = client.pollDeviceAuthorizationGrant(config, device);
await new Person(world.email, world.password).go(device.verification_uri_complete ?? device.verification_uri, { user_code: device.user_code });
assert.ok((await polled).access_token);
shown("device");
console.log("all");
