"""The question bank: what is asked of everybody who asks for data, and what each custodian may ask beyond it.

::

    questions                        what a question is
    project, people, data, handling  the 124 questions, by the Five Safes
    whole                            all of them in order, their version
    forms                            what one custodian chooses: its form, checked before it is published
    asking                           which questions apply to a part and to a draft, and what is missing
    reading                          an answer made of what was typed, or why it cannot be
    telling                          an answer in words
    identifiers                      what in a text may identify a patient

Everything here is pure: no clock, no network, no database.
"""
