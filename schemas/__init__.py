"""What a dataset record is: the canonical shape, the published shapes, and how a record is judged. Pure."""
