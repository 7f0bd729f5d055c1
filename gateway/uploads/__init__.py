"""Files that people attach: what they may be, how they are looked into, scanned and kept."""
