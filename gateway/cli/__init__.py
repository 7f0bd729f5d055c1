"""The command line: ``gateway --help``. One module per group of commands.

Exit codes: 0 done, 1 done but something needs attention (a document with errors, a run that failed or could not start), 2 the
command itself could not be understood or carried out.
"""

from gateway.cli.main import main

__all__ = ["main"]
