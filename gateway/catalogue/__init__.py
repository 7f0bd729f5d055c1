"""The published catalogue: what people and programs see of datasets, and what is worked out from them."""
