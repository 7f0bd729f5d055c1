"""Telling custodians' systems what became of their datasets, by Standard Webhooks: https://www.standardwebhooks.com"""
