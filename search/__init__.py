"""Find records: one contract, one table of fields, two engines."""
