"""Safe data: what is asked for, how little of it would do, and by which right."""

from __future__ import annotations

from typing import Final

from gateway.access.bank.questions import ORGANISATION, Column, Topic, ask, chosen, when

SENSITIVITY: Final = chosen("Personally Identifiable", "De-Personalised", "Anonymous")
"""This and what follows: in the words of the data use register."""
FREQUENCIES: Final = chosen("One-off", "Recurring")
ARTICLE_6: Final = chosen(
    "(a) Consent", "(b) Contract", "(c) Legal obligation", "(d) Vital interests", "(e) Public task", "(f) Legitimate interests", "Not applicable",
)
ARTICLE_9: Final = chosen(
    "(a) Explicit consent", "(b) Employment, social security and social protection", "(c) Vital interests", "(d) Not-for-profit bodies",
    "(e) Made public by the person", "(f) Legal claims or judicial acts", "(g) Substantial public interest", "(h) Health or social care",
    "(i) Public health", "(j) Archiving, research and statistics", "Not applicable",
)
CONFIDENTIALITY: Final = chosen("Consent", "Section 251 NHS Act 2006", "Other", "Not applicable")
OPT_OUT: Final = chosen("Yes", "No", "Not applicable")
ACCESS_MODES: Final = {"TRE": "Work inside a trusted research environment", "Release": "Receive a copy"}
SENSITIVE_GROUPS: Final = {
    "children": "Children", "genomic": "Genomic data", "free_text": "Free text", "images": "Images", "small_groups": "Small groups",
}
_IDENTIFIABLE: Final = (when("data.identifiability", "Personally Identifiable"),)
_LINKED: Final = (when("data.linkage", "yes"),)

DATA: Final = (
    Topic(slug="data", title="The data you need", told_as="The data asked for", group="Data", questions=(
        ask("data.datasets", "datasets", "R", "Datasets", "They come from your basket.", register_field="Dataset(s) name"),
        ask("data.fields", "columns", "R", "Tables and columns", "Only those you need, with the reason for each.", columns=(
            Column("dataset", "Dataset", "choice", is_required=True), Column("table", "Table", is_required=True),
            Column("columns", "Columns", is_required=True, characters=2_000), Column("reason", "Why you need them", is_required=True),
        )),
        ask("data.minimisation", "long", "R", "Why less would not do", "Fewer people, columns or years.", words=300),
        ask("data.population", "long", "R", "Who is in, and who is out", words=300),
        ask("data.period", "period", "R", "Years of data"),
        ask("data.geography", "list", "o", "Area covered", "One on each line."),
        ask("data.size", "number", "o", "How many people you expect"),
        ask("data.code_lists", "files", "o", "Code lists", "That define the population or the outcomes."),
    )),
    Topic(slug="sensitivity", title="How sensitive the data are", group="Data", questions=(
        ask("data.identifiability", "choice", "R", "How far the data identify people", "The most sensitive dataset counts.", choices=SENSITIVITY, register_field="Data sensitivity level"),
        ask("data.identifiable_why", "long", "c", "Why identifiable data cannot be avoided", words=300, when=_IDENTIFIABLE),
        ask("data.confidential_items", "list", "c", "Confidential fields that you use", "One on each line.", when=_IDENTIFIABLE, register_field="Description of the confidential data being used"),
        ask("data.sensitive_groups", "multi", "o", "The data hold", choices=SENSITIVE_GROUPS),
        ask("data.frequency", "choice", "R", "How often", choices=FREQUENCIES, register_field="Request frequency"),
        ask("data.frequency_detail", "text", "c", "How often exactly, and until when", when=(when("data.frequency", "Recurring"),)),
        ask("data.access_mode", "choice", "R", "How you will use the data", choices=ACCESS_MODES, register_field="Access type"),
        ask("data.release_why", "long", "c", "Why an environment cannot be used", words=300, when=(when("data.access_mode", "Release"),)),
    )),
    Topic(slug="methods", title="Linkage and analysis", group="Data", questions=(
        ask("data.linkage", "yes_no", "R", "Will datasets be linked?", "To each other or to other data."),
        ask("data.linkage_sources", "list", "c", "What is linked", "One on each line. Data that you hold count too.", when=_LINKED),
        ask(
            "data.linkage_method", "long", "c", "How", "Who links, on which keys, how identifiers are kept apart, and the risks.", words=300, when=_LINKED,
            register_field="For linked datasets, specify how the linkage will take place",
        ),
        ask(
            "data.linkage_asset", "long", "c", "What becomes of the linked data", "How they are kept, managed and archived.", words=200, when=_LINKED,
            register_field="For linked datasets, specify how any new assets created will be managed and archived",
        ),
        ask("data.samples", "long", "o", "Biological samples", "Kind, number and transport.", words=200),
        ask("data.recontact", "long", "o", "Will people be contacted again?", "And by whom.", words=150),
        ask("data.analysis", "long", "R", "What you will do with the data", "In order.", words=600),
        ask("data.machine_learning", "long", "o", "Models that you will train", "And what of them leaves the environment.", words=200),
    )),
    Topic(slug="law", title="Law and confidentiality", group="Legal and ethics", questions=(
        ask("data.controller", "list", "R", "Who is controller for this use", columns=ORGANISATION),
        ask("data.article6", "choice", "R", "Legal basis (Article 6 UK GDPR)", choices=ARTICLE_6, register_field="Legal basis for provision of data under Article 6"),
        ask(
            "data.article9", "choice", "R", "Condition (Article 9 UK GDPR)", choices=ARTICLE_9,
            register_field="Lawful conditions for provision of data under Article 9",
        ),
        ask("data.basis_reason", "long", "o", "Why these fit", words=200),
        ask("data.confidentiality", "choice", "R", "Common law duty of confidentiality", choices=CONFIDENTIALITY, register_field="Common Law Duty of Confidentiality"),
        ask("data.confidentiality_ref", "files", "c", "Reference, consent forms or advice", when=(when("data.confidentiality", "Consent", "Section 251 NHS Act 2006", "Other"),)),
        ask("data.opt_out", "choice", "R", "Is the national data opt-out applied?", choices=OPT_OUT, register_field="National data opt-out applied?"),
        ask("data.opt_out_reason", "long", "c", "Why it is not", words=150, when=(when("data.opt_out", "No"),)),
        ask("data.dpia", "file", "o", "Data protection impact assessment"),
        ask("data.notice", "text", "o", "Privacy notice for the people concerned", "Its web address."),
    )),
)
