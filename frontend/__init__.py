"""How it looks: one frozen dataclass per page, templates, pictures and assets."""
