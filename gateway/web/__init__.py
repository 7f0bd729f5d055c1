"""What holds for every request over HTTP: who is asking, headers, limits, entity tags."""
