"""One module for each kind of file, run in a parsing process that can do no harm (harvesters/parsing).

``inspect`` raises :class:`Unparsable` with a sentence for whoever sent the file, or yields ``{"warnings": [...]}`` and, where the file is
kept otherwise than it came, ``{"body": base64}``.
"""
