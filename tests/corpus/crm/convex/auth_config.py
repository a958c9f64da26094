"""Who signs tokens."""

from convexity.server import define_auth, oidc_provider

auth = define_auth(oidc_provider(domain="crm.example.auth0.com", application_id="crm-web"))
