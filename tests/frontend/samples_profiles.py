"""Views of profiles, visas and identities with made-up values, in their normal, their empty and their error states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.accounts import AddIdentityView, UnknownIdentityView
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.profiles import (
    CertificateFile,
    CertificateForm,
    ProfileCardView,
    ProfileField,
    ProfileGroup,
    ProfileItemView,
    ProfileLine,
    ProfileView,
    SanctionView,
    VerifyItemView,
    VisaLine,
    VisasView,
)

OUT = Layout(version="0.1.0", path="/sign-in", contact="gateway@example.org", is_indexable=False)
IN = replace(OUT, path="/account/profile", person_name="Ada Marker", csrf="t")
ITEMS = "/account/profile/items"
APPLICANT = "/w/vale/requests/a/applicant"
GIVE_A_DATE = "Give a date as year, month and day: 2027-12-31."

PERSON = ProfileLine(
    name="Wales", level="stated", verified=None, facts=(("Country you work in", "Wales"), ("ORCID iD", "0000-0002-1825-0097")), href=f"{ITEMS}/1", remove=f"{ITEMS}/1/remove",
)
POST = ProfileLine(
    name="Example University, Research fellow", level="verified", verified="Verified by Example Research Federation (visa) on 20 November 2026, until 20 November 2027.",
    facts=(
        ("Organisation", "Example University"), ("Your post", "Research fellow"), ("Relationship", "Employed"),
        ("E-mail address there", f"ada.{'marker' * 12}@example.org"),
    ),
    href=f"{ITEMS}/2", remove=f"{ITEMS}/2/remove",
)
PAST_POST = ProfileLine(
    name="Example Infirmary, Data manager", level="ended", verified=None, facts=(("Organisation", "Example Infirmary"), ("Your post", "Data manager"), ("Until", "2024-06-30")),
    href=f"{ITEMS}/3", remove=f"{ITEMS}/3/remove",
)
TRAINING = ProfileLine(
    name="Invented course in handling data safely, Example Training", level="documented", verified=None, evidence=f"https://training.example.org/certificates/{'0123456789' * 6}",
    facts=(("Title", "Invented course in handling data safely"), ("Provider", "Example Training"), ("Certificate number", "EX-0001"), ("Awarded on", "2026-02-01")),
    href=f"{ITEMS}/4", remove=f"{ITEMS}/4/remove",
)
CERTIFICATE = CertificateFile(name=f"Certificate-{'marker' * 12}.pdf", size_bytes=120_000, href=f"{ITEMS}/4/certificate", told="Scanned; nothing harmful was found.")
GROUPS = (
    ProfileGroup(title="About you", why="Custodians ask where you will work from.", lines=(PERSON,)),
    ProfileGroup(
        title="Where you work", why="Every custodian asks who employs you, and as what.", lines=(POST, PAST_POST), add=Link("Add a place of work", "/account/profile/affiliation/new"),
    ),
    ProfileGroup(title="Training", why="Most custodians want current training.", lines=(TRAINING,), add=Link("Add a training", "/account/profile/training/new")),
    ProfileGroup(
        title="Accreditation and registration", why="Secure environments often need an accredited researcher.", lines=(),
        add=Link("Add an accreditation", "/account/profile/accreditation/new"),
    ),
)
OWN_GROUPS = tuple(replace(group, lines=tuple(replace(line, certificate=CERTIFICATE) if line is TRAINING else line for line in group.lines)) for group in GROUPS)
PROFILE = ProfileView(
    layout=IN, name="Ada Marker", address="ada.marker@example.org", groups=OWN_GROUPS, identities=("Example Sign-in, level high, since 2 March 2026",),
    sanctions=("Sanction of Vale Primary Care from 1 May 2026 until 1 August 2026: Results were published without clearance.",), csrf="t", takes_visas=True,
)
SEEN = tuple(
    replace(group, add=None, lines=tuple(replace(line, href=f"{APPLICANT}/items/{place}", remove=None) for place, line in enumerate(group.lines, 1))) for group in GROUPS
)
CARD = ProfileCardView(
    layout=IN, name="Ada Marker", address="ada.marker@example.org", groups=SEEN, identities=PROFILE.identities, back=Link("Request AR-7K3M9Q2X4", "/w/vale/requests/a"),
    is_preview=False, sanctions=PROFILE.sanctions, sanction_href=f"{APPLICANT}/sanction",
)
PREVIEW = replace(
    CARD, groups=tuple(replace(group, lines=tuple(replace(line, href=None) for line in group.lines)) for group in SEEN), back=Link("Your profile", "/account/profile"),
    is_preview=True, sanctions=(), sanction_href=None,
)
ITEM = ProfileItemView(
    layout=IN, heading_words="Add a place of work", action="/account/profile/affiliation/new", csrf="t", fields=(
        ProfileField(key="organisation", label="Organisation", hint="", kind="text"),
        ProfileField(key="relationship", label="Relationship (optional)", hint="", kind="choice", choices=("Employed", "Honorary contract", "Student")),
        ProfileField(key="ror", label="ROR of the organisation (optional)", hint="For example https://ror.org/01cwqze88.", kind="ror"),
        ProfileField(key="address", label="E-mail address there (optional)", hint="", kind="email"),
        ProfileField(key="to", label="Until (optional)", hint="As year, month and day: 2027-12-31.", kind="date"),
    ),
)
VERIFY = VerifyItemView(
    layout=IN, line=replace(TRAINING, href=None, remove=None), person="The applicant", custodian="Vale Primary Care", action=f"{APPLICANT}/items/4",
    back=Link("Applicant", APPLICANT), csrf="t", values={"until": ""},
)
SANCTION = SanctionView(
    layout=IN, person="Ada Marker", reasons=(("terms", "Terms of access were broken"), ("output", "Results were published without clearance")), action=f"{APPLICANT}/sanction",
    back=Link("Applicant", APPLICANT), csrf="t", values={"begins_on": "2026-11-20"},
)
VISAS = VisasView(layout=IN, csrf="t", issuers=("Example Research Federation", "Example Sign-in"), gives_out=True)
UNKNOWN = UnknownIdentityView(
    layout=OUT, provider="Example Sign-in", label="ada.marker@example.org", new_address="ada.marker@example.org", has_account=False, values={"name": "Ada Marker"},
)

PROFILE_PAGES: dict[str, PageView] = {
    "/account/profile": PROFILE,
    "/account/profile/none": replace(PROFILE, groups=tuple(replace(group, lines=()) for group in GROUPS), identities=(), sanctions=(), takes_visas=False),
    "/account/profile/preview": PREVIEW,
    "/account/profile/affiliation/new": ITEM,
    "/account/profile/items/2": replace(
        ITEM, heading_words="Change a place of work", action=f"{ITEMS}/2", loses_verification=True,
        values={"organisation": "Example University", "relationship": "Somebody", "address": "nowhere", "to": "soon"},
        errors=(
            FieldError("relationship", "Choose one of the answers."),
            FieldError("address", "Enter an e-mail address in the form name@organisation.ac.uk."),
            FieldError("to", GIVE_A_DATE),
        ),
    ),
    "/account/profile/items/4": replace(
        ITEM, heading_words="Change a training", action=f"{ITEMS}/4", errors=(FieldError("file", "The file is empty."),),
        certificate=CertificateForm(action=f"{ITEMS}/4/certificate", accepted="PDF, DOCX, ODT, PNG, JPEG or TXT", most_megabytes=10, file=CERTIFICATE),
    ),
    "/account/profile/visas": VISAS,
    "/account/profile/visas/read": replace(
        VISAS, is_read=True, gives_out=False, lines=(
            VisaLine("AffiliationAndRole", True, "Your profile now holds it as verified until 20 November 2027."),
            VisaLine("ControlledAccessGrants", False, "Visas of its type are not taken; upper and lower case count."),
        ),
    ),
    "/account/profile/visas/none": replace(VISAS, is_read=True),
    "/account/profile/visas/closed": replace(VISAS, issuers=()),
    APPLICANT: CARD,
    f"{APPLICANT}/none": replace(CARD, groups=tuple(replace(group, lines=()) for group in SEEN), identities=(), sanctions=(), sanction_href=None),
    f"{APPLICANT}/items/4": VERIFY,
    f"{APPLICANT}/items/4/again": replace(VERIFY, values={"until": "2020-01-01"}, errors=(FieldError("until", "Give a date that has not passed, or none."),)),
    f"{APPLICANT}/sanction": SANCTION,
    f"{APPLICANT}/sanction/again": replace(
        SANCTION, values={"reason": "", "begins_on": "2026-11-20", "ends_on": "2026-12-31"}, errors=(FieldError("reason", "Choose a reason."),),
    ),
    f"{APPLICANT}/sanction/dates": replace(
        SANCTION, values={"reason": "output", "begins_on": "2026-11-20", "ends_on": "2026-01-01"}, errors=(FieldError("ends_on", "It ends before it begins."),),
    ),
    "/sign-in/new": UNKNOWN,
    "/sign-in/new/again": replace(
        UNKNOWN, values={"name": "", "is_adult": "yes"}, errors=(
            FieldError("name", "Enter 1 to 200 characters on one line."),
            FieldError("agrees", "Read the terms and the privacy notice, and agree to them."),
        ),
    ),
    "/sign-in/new/known": replace(UNKNOWN, new_address=None, has_account=True),
    "/sign-in/new/unvouched": replace(UNKNOWN, label="01-marker-of-example-sign-in", new_address=None),
    "/account/identities/new": AddIdentityView(layout=IN, provider="Example Sign-in", label="01-marker-of-example-sign-in", address="ada.marker@example.org", csrf="t"),
}
