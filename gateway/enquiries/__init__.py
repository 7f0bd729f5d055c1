"""Questions to custodians: asked without an account, one thread for each custodian, answered in the workspace, on a page or by mail."""
