"""What security-privacy.md demands of the whole application at once: every route, every role, two tenants."""
