"""Sources as people manage them: register, schedule, try out, hold back, undo. Runs themselves are in gateway/harvesting."""
