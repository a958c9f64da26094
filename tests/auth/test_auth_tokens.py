"""Which tokens prove which identity."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from convexity.auth.providers import custom_jwt_provider, oidc_provider
from convexity.auth.tokens import TokenError
from convexity.auth.verifier import TokenVerifier
from convexity.sync.server_messages import auth_error
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.auth.issuer import AUDIENCE, Issuer, issuer


@pytest.fixture
def login() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


def oidc(login: Issuer, **changes: Any) -> TokenVerifier:
    return TokenVerifier(
        [oidc_provider(**({"domain": login.url, "application_id": AUDIENCE} | changes))]
    )


def custom(login: Issuer, **changes: Any) -> TokenVerifier:
    settings = {"issuer": login.url, "jwks": f"{login.url}/keys", "algorithm": "RS256"}
    return TokenVerifier([custom_jwt_provider(**(settings | changes))])


async def refused(verifier: TokenVerifier, token: str) -> TokenError:
    with pytest.raises(TokenError) as raised:
        await verifier.identify(token)
    return raised.value


async def test_an_openid_connect_token_names_the_user(login: Issuer) -> None:
    token = login.token(
        given_name="Ada",
        email_verified=True,
        zoneinfo="Europe/London",
        address={"formatted": "1 Main Street", "country": "UK"},
        updated_at=0,
        role="admin",
        teams=["a", {"b": 1}],
        nonce="n",
        jti="j",
        fva=[1],
    )
    identity = await oidc(login).identify(token)
    assert identity.user == {
        "tokenIdentifier": f"{login.url}|user-1",
        "subject": "user-1",
        "issuer": login.url,
        "givenName": "Ada",
        "emailVerified": True,
        "timezone": "Europe/London",
        "address": "1 Main Street",
        "updatedAt": "1970-01-01T00:00:00Z",
        "role": "admin",
        "teams": ["a", {"b": 1}],
    }
    assert identity.kind == "user"
    assert not identity.is_admin
    assert identity.token == token
    assert identity.expires_at == jwt.decode(token, options={"verify_signature": False})["exp"]


async def test_claims_of_a_custom_token_keep_their_names(login: Issuer) -> None:
    token = login.token(email_verified=True, a={"b": 1, "c": {"d": [2]}}, aud=None)
    assert (await custom(login).identify(token)).user == {
        "tokenIdentifier": f"{login.url}|user-1",
        "subject": "user-1",
        "issuer": login.url,
        "email_verified": True,
        "a.b": 1,
        "a.c.d": [2],
    }


async def test_claims_cannot_forge_who_one_is(login: Issuer) -> None:
    forged = {"tokenIdentifier": "other|root", "subject": "root", "issuer": "other"}
    for verifier in (oidc(login), custom(login)):
        user = (await verifier.identify(login.token(**forged))).user
        assert user == {
            "tokenIdentifier": f"{login.url}|user-1",
            "subject": "user-1",
            "issuer": login.url,
        }


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
async def test_openid_connect_takes_two_algorithms(login: Issuer, algorithm: str) -> None:
    login.add_key("other", algorithm)
    assert (await oidc(login).identify(login.token("other"))).user is not None


async def test_a_custom_provider_takes_its_algorithm_alone(login: Issuer) -> None:
    login.add_key("curve", "ES256")
    assert (await custom(login, algorithm="ES256").identify(login.token("curve"))).user is not None
    error = await refused(custom(login, algorithm="ES256"), login.token("first"))
    assert error.message == (
        "Could not verify the token: it is signed with RS256, but ES256 is expected."
    )


async def test_keys_may_stand_in_a_data_uri(login: Issuer) -> None:
    keys = base64.b64encode(json.dumps(login.key_set()).encode()).decode()
    verifier = custom(login, jwks=f"data:application/json;base64,{keys}")
    assert (await verifier.identify(login.token())).user is not None
    assert login.requests == []


@pytest.mark.parametrize("spelling", ["{url}", "{url}/"])
async def test_a_slash_at_the_end_of_an_issuer_does_not_matter(
    login: Issuer, spelling: str
) -> None:
    verifier = oidc(login, domain=spelling.format(url=login.url))
    assert (await verifier.identify(login.token())).user is not None
    token = login.token(iss=f"{login.url}/")
    assert (await verifier.identify(token)).user is not None


async def test_the_first_provider_that_vouches_is_asked(login: Issuer) -> None:
    with issuer() as other:
        verifier = TokenVerifier(
            [
                oidc_provider(domain=other.url, application_id=AUDIENCE),
                oidc_provider(domain=login.url, application_id="another-app"),
                oidc_provider(domain=login.url, application_id=AUDIENCE),
            ]
        )
        assert (await verifier.identify(login.token())).user is not None
        assert other.requests == []


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "\u00e9.x.y"])
async def test_what_is_no_token_is_said_to_be_none(login: Issuer, token: str) -> None:
    error = await refused(oidc(login), token)
    assert error.code == "InvalidAuthHeader"
    assert error.message.startswith("Could not parse the token as a JWT: ")


async def test_a_token_of_an_unknown_issuer_or_audience_finds_no_provider(login: Issuer) -> None:
    for claims in ({"iss": "https://other.example"}, {"aud": "other"}, {"aud": None}):
        error = await refused(oidc(login), login.token(**claims))
        assert error.code == "NoAuthProvider"
        assert f"this deployment trusts {login.url} for {AUDIENCE}." in error.message
    error = await refused(TokenVerifier([]), login.token())
    assert error.message.endswith("this deployment has no auth_config.py that names one.")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": 1}, "it has expired"),
        ({"exp": None}, 'missing the "exp" claim'),
        ({"sub": None}, 'missing the "sub" claim'),
        ({"nbf": 4_000_000_000}, "not yet valid"),
        ({"aud": [AUDIENCE, "other"]}, "it is made for other audiences than the-app too"),
    ],
)
async def test_claims_that_do_not_hold_are_refused(
    login: Issuer, claims: dict[str, Any], reason: str
) -> None:
    error = await refused(oidc(login), login.token(**claims))
    assert error.code == "Unauthenticated"
    assert reason in error.message


async def test_clocks_may_differ_a_little(login: Issuer) -> None:
    token = login.token(exp=int(time.time()) - 3)
    assert (await custom(login).identify(token)).user is not None


async def test_a_token_is_known_until_it_expires(
    login: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = oidc(login)
    now = int(time.time())
    token = login.token(exp=now + 100)
    assert verifier.known(token) is None
    identity = await verifier.identify(token)
    assert verifier.known(token) is identity
    monkeypatch.setattr("convexity.auth.verifier.time.time", lambda: now + 104.0)
    assert verifier.known(token) is identity
    monkeypatch.setattr("convexity.auth.verifier.time.time", lambda: now + 105.0)
    assert verifier.known(token) is None


async def test_a_token_is_known_as_long_as_its_key_is(
    login: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.monotonic()
    monkeypatch.setattr("convexity.auth.keys.time.monotonic", lambda: clock)
    verifier = oidc(login)
    token = login.token()
    await verifier.identify(token)
    clock += 299
    assert verifier.known(token) is not None
    clock += 2
    assert verifier.known(token) is None
    login.add_key("second")
    del login.keys["first"]
    await refused(verifier, token)
    assert verifier.known(token) is None


async def test_a_long_token_is_verified_each_time(login: Issuer) -> None:
    verifier = oidc(login)
    token = login.token(padding="x" * 4096)
    assert await verifier.identify(token) == await verifier.identify(token)
    assert verifier.known(token) is None


async def test_a_changed_token_is_refused(login: Issuer) -> None:
    head, body, signature = login.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "root"}).encode()).rstrip(b"=")
    error = await refused(oidc(login), f"{head}.{forged.decode()}.{signature}")
    assert error.message == "Could not verify the token: Signature verification failed."


async def test_a_token_signed_anew_by_somebody_else_is_refused(login: Issuer) -> None:
    claims = jwt.decode(login.token(), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(RSAAlgorithm.to_jwk(stranger.public_key()))
    for headers in (
        {"kid": "first"},
        {"kid": "first", "jwk": public},
        {"kid": "first", "jku": "https://stranger.example/jwks.json"},
        {"kid": "../first"},
    ):
        token = jwt.encode(claims, stranger, algorithm="RS256", headers=headers)
        for verifier in (oidc(login), custom(login)):
            error = await refused(verifier, token)
            assert error.code == "Unauthenticated"


async def test_unsigned_and_symmetric_tokens_are_refused(login: Issuer) -> None:
    claims = jwt.decode(login.token(), options={"verify_signature": False})
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": "first"})
    symmetric = jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": "first"})
    for token in (unsigned, symmetric):
        error = await refused(oidc(login), token)
        assert "RS256 or EdDSA is expected" in error.message


@pytest.mark.parametrize("place", ["aud", "iss", "alg", "crit"])
async def test_a_refusal_can_be_sent_whatever_the_token_holds(login: Issuer, place: str) -> None:
    header = {"alg": "RS256", "kid": "first"}
    claims = jwt.decode(login.token(), options={"verify_signature": False})
    (claims if place in claims else header)[place] = ["\ud800"] if place == "crit" else "\ud800"
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    token = ".".join(part.rstrip(b"=").decode() for part in (*parts, b"c2ln"))
    error = await refused(oidc(login), token)
    sent = json.loads(auth_error(error.message, base_version=0, update_attempted=True))
    assert sent["error"] == error.message == str(error)


async def test_keys_are_fetched_once(login: Issuer) -> None:
    verifier = oidc(login)
    for _ in range(3):
        await verifier.identify(login.token())
    assert login.requests == ["/.well-known/openid-configuration", "/keys"]


async def test_a_new_key_is_fetched_but_not_for_every_unknown_one(
    login: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.monotonic()
    monkeypatch.setattr("convexity.auth.keys.time.monotonic", lambda: clock)
    verifier = oidc(login)
    await verifier.identify(login.token())
    login.add_key("second")
    token = login.token("second")
    error = await refused(verifier, token)
    assert error.message.endswith("has no single RS256 key with the key id 'second'.")
    await refused(verifier, token)
    assert login.requests.count("/keys") == 1
    clock += 11
    assert (await verifier.identify(token)).user is not None
    assert login.requests.count("/keys") == 2


async def test_an_issuer_that_is_down_locks_nobody_out_whose_key_is_known(
    login: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.monotonic()
    monkeypatch.setattr("convexity.auth.keys.time.monotonic", lambda: clock)
    verifier = oidc(login)
    await verifier.identify(login.token())
    login.is_down = True
    clock += 301
    assert (await verifier.identify(login.token())).user is not None
    error = await refused(oidc(login), login.token())
    assert error.code == "Unauthenticated"
    assert f"the keys of {login.url} cannot be fetched" in error.message


async def test_discovery_must_be_about_the_issuer(login: Issuer) -> None:
    login.announced = "https://evil.example"
    error = await refused(oidc(login), login.token())
    assert "is about the issuer 'https://evil.example'" in error.message


async def test_keys_of_a_custom_issuer_must_be_served_as_json(login: Issuer) -> None:
    login.key_set_type = "text/html"
    error = await refused(custom(login), login.token())
    assert "answers with text/html, not with JSON" in error.message
    login.key_set_type = "application/jwk-set+json; charset=utf-8"
    assert (await custom(login).identify(login.token())).user is not None
