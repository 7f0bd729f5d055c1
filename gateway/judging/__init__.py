"""Judge and translate documents: for a batch of a harvest, and for somebody who asks without storing anything."""
