"""Advice from the conditions of use that custodians state: what fits, what does not, what a person must judge. It decides nothing."""
