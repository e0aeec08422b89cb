"""The RFCs as data and pure functions: JOSE, PKCE, OAuth's error codes, challenges, HTTP Basic for clients."""
