"""Who signs tokens."""

from convexity.server import define_auth, oidc_provider

auth = define_auth(oidc_provider(domain="sso.hospital.example", application_id="clinic"))
