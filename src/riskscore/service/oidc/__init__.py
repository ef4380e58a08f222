"""People whom an institution's own identity provider knows (OpenID Connect): their tokens, roles and scopes."""
