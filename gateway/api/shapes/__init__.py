"""The shapes of answers, for the OpenAPI description. Answers are written with orjson, and a test holds them against these."""
