"""Mail to people: one outbox (the table ``messages``), one sender.

::

    topics     what mail is about, what of it can be put off or left out, and when a digest is due
    sending    the next message, or all that waits for the same digest, to the mail server
    returned   bounces and complaints, as mail systems hand them back
    choices    what a person chose, one-click unsubscribing, and the list of notices that mail repeats

A message is a row written in the transaction that causes it (``gateway/access/notices.py``). ``gateway/store/mail.py`` gives every new
row its person, its topic's time, and the Message-ID that it keeps over all tries.
"""
