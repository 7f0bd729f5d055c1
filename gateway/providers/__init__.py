"""This catalogue for other gateways to harvest: a federation endpoint and an OAI-PMH provider."""
