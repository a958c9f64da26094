"""Who is calling: identities and the declarations of identity providers."""
