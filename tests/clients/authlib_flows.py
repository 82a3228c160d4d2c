"""The flows of a vendor with Authlib, over requests."""
import json
import os
import subprocess
from urllib.parse import parse_qs, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.common.security import generate_token  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.integrations.base_client.errors import OAuthError  # noqa: E402

world = json.loads(os.environ["WORLD"])
here = os.environ["PERSON"]
callback = "http://127.0.0.1:49152/callback"


def shown(name):
    print("ok", name, flush=True)


def ended(url):
    done = subprocess.run(["node", here, url, world["email"], world["password"]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


meta = OAuth2Session().get(world["issuer"] + "/.well-known/oauth-authorization-server", withhold_token=True).json()
who = world["confidential"]
session = OAuth2Session(who["id"], who["secret"], scope="pets:read", redirect_uri=callback,
                        code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic")
verifier = generate_token(48)
url, state = session.create_authorization_url(meta["authorization_endpoint"], code_verifier=verifier)
answer = ended(url)
assert parse_qs(urlsplit(answer).query)["iss"] == [world["issuer"]]
token = session.fetch_token(meta["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier)
assert session.get(world["issuer"] + "/v1/pets?limit=1").status_code == 200
shown("code with PKCE")

old = token["refresh_token"]
token = session.refresh_token(meta["token_endpoint"], old)
assert token["refresh_token"] != old
known = session.introspect_token(meta["introspection_endpoint"], token["access_token"]).json()
assert known["active"] is True and known["client_id"] == who["id"], known
shown("refresh and introspection")
assert session.revoke_token(meta["revocation_endpoint"], token["refresh_token"]).status_code == 200
try:
    session.refresh_token(meta["token_endpoint"], token["refresh_token"])
    raise AssertionError("a revoked refresh token was taken")
except OAuthError as wrong:
    assert wrong.error == "invalid_grant", wrong.error
shown("revocation")

for name, method in [("basic", "client_secret_basic"), ("post", "client_secret_post")]:
    machine = OAuth2Session(world[name]["id"], world[name]["secret"], scope="pets:read", token_endpoint_auth_method=method)
    machine.fetch_token(meta["token_endpoint"], grant_type="client_credentials")
    assert machine.get(world["issuer"] + "/v1/pets?limit=1").status_code == 200
    shown("client credentials by " + method)

wrong = OAuth2Session(world["basic"]["id"], "not the secret", token_endpoint_auth_method="client_secret_basic")
try:
    wrong.fetch_token(meta["token_endpoint"], grant_type="client_credentials")
    raise AssertionError("a wrong secret was taken")
except OAuthError as refused:
    assert refused.error == "invalid_client", refused.error
print("all")
