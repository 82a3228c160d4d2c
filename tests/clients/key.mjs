// A key of a client's own, as a JWK with its private part.
const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", privateKey);
console.log(JSON.stringify({ kty, crv, x, y, d, kid: "own", alg: "ES256" }));
