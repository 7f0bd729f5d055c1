"""The data use register as files: reading the published templates, importing them as drafts, publishing, embargo, outputs."""
