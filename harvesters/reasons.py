"""The closed list of reason codes: why a record or a whole run did not come through, in words for the custodian."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """``sentence`` says what was met, ``hint`` what the custodian (or the operator) can do about it."""

    code: str
    sentence: str
    hint: str


_LIST = (
    # about one record
    Reason("missing-id", "An entry has no identifier.",
           "Give every dataset a persistent identifier: persistentId in a list, identifier or pid in a document."),
    Reason("bad-id", "An identifier is longer than 1,000 characters, or holds characters that cannot be shown.",
           "Use a short, stable identifier such as a UUID."),
    Reason("duplicate-id", "The same identifier stands for several different datasets.",
           "Give each dataset an identifier of its own. The first one met was kept, nothing was overwritten."),
    Reason("detail-missing", "A dataset is listed, but its own document could not be found.",
           "Publish the document at the detail address, or take the dataset off the list."),
    Reason("unknown-version", "The version of the dataset specification could not be recognised.",
           "Name the specification and its version in @schema."),
    Reason("version-mismatch", "The list names another version of the dataset than its document does.",
           "Let the list and the documents be written from the same data."),
    Reason("version-not-bumped", "A dataset changed although the list shows the same version and date.",
           "Raise version or modified with every change, so that changes are seen at once."),
    Reason("unreadable-shape", "A document is readable, but not as a dataset description.",
           "Send one dataset description in a published version of the dataset specification."),
    Reason("blocking-findings", "A dataset description lacks what is needed to show it.",
           "See the findings: each names the field and how to mend it. Once it is mended, the next run shows it; what was shown before stays meanwhile."),
    Reason("parser-killed", "Reading this record failed unexpectedly.",
           "Check the document for unusual content, and tell the operator of this catalogue: it should not happen."),
    Reason("not-storable", "This record could not be stored.",
           "Check the document for unusual content, and tell the operator of this catalogue: it should not happen."),
    Reason("no-dataset", "No dataset description was found.",
           "Check that the address leads to dataset descriptions."),
    Reason("changed-since", "Another run changed this dataset since, so it was left alone.",
           "Undo the later run first, if that one is to go too."),
    Reason("disallowed", "A page may not be read, as robots.txt says.",
           "Allow the pages of your datasets to this catalogue, which names itself in User-Agent."),
    Reason("draft", "A description is listed but not open to the public.",
           "Publish the draft when it is ready; nothing else needs to be done."),
    Reason("withheld", "This dataset is withheld, so it was not brought back.",
           "Ask the operator to lift the withdrawal if the dataset should be shown again."),
    # about the bytes
    Reason("html-instead-of-data", "A web page came back where data were expected.",
           "Check the address. A page like this often means a login page, a portal page or an error page."),
    Reason("empty-answer", "The answer has no content.", "Check that the endpoint answers with a document."),
    Reason("bad-json", "The answer is not valid JSON.",
           "Check it with a JSON validator; a cut-off answer or a trailing comma are the usual causes."),
    Reason("bad-xml", "The answer is not well-formed XML.", "Check it with an XML validator."),
    Reason("bad-rdf", "The answer is not valid RDF.", "Check it with an RDF validator for the format it is sent in."),
    Reason("bad-address", "An address in the RDF holds characters that no address may hold.",
           "Percent-encode blanks and brackets in addresses."),
    Reason("unknown-context", "A JSON-LD context is not one that this catalogue knows.",
           "Use the contexts of schema.org, DCAT-AP or HealthDCAT-AP; remote contexts are never fetched."),
    Reason("encoding", "The text is not in the character encoding that it claims.", "Send UTF-8, and say so."),
    Reason("dtd-forbidden", "The XML holds a document type declaration, which is not accepted.", "Leave DOCTYPE out."),
    Reason("too-large", "A document is larger than is accepted.",
           "Split it, or ask the operator to raise the limit for this source."),
    Reason("too-deep", "A document is nested more deeply than is accepted.", "Flatten the document."),
    Reason("compression", "The answer is compressed in a way that is not accepted.",
           "Send plain content or gzip, once, and not when nobody asked for another encoding."),
    Reason("truncated", "The answer broke off before its end.", "Check the server and any proxy in front of it."),
    Reason("bad-archive", "The archive cannot be opened.", "Make it again as an ordinary ZIP file."),
    Reason("unsafe-archive", "The archive holds a link, a name twice, or a name that leads out of it.",
           "Make it again from plain files in one folder."),
    Reason("nested-archive", "The archive holds another archive.", "Put the files themselves into one archive."),
    Reason("encrypted", "The file is encrypted, or in an old format that looks like it.",
           "Save it without a password, a workbook as XLSX."),
    Reason("bad-workbook", "The workbook cannot be read.", "Save it again as XLSX, or as CSV UTF-8."),
    Reason("macros", "The workbook holds macros, which are not accepted.", "Save it as XLSX, without macros."),
    Reason("bad-csv", "The file is no CSV.", "Save it again as CSV UTF-8."),
    Reason("no-headings", "The table has no row of headings that is known here.",
           "Use the template: its headings are paths such as summary.title, or their labels."),
    # about listings
    Reason("not-a-list", "The listing holds no list of datasets.",
           'Answer with {"items": [...]}, one entry for each dataset.'),
    Reason("empty-listing", "The listing names no dataset at all.",
           "If that is meant, confirm the removal; otherwise check what the endpoint publishes."),
    Reason("many-missing", "Many datasets are no longer listed.",
           "If that is meant, confirm the removal; otherwise check what the endpoint publishes."),
    Reason("paging-loop", "The pages of the listing repeat.", "Check that offset or the next link moves forward."),
    Reason("paging-ignored", "The listing answers every page with the first one.",
           "Let the endpoint honour offset and limit, or answer with the whole list at once."),
    Reason("next-rewritten", "A page names the next one on another server, or without https.",
           "Let the pages name each other by the public address of the catalogue."),
    Reason("count-mismatch", "The listing does not name as many datasets as its total says.",
           "Let total count what the list really holds."),
    Reason("bad-token", "The repository refuses its own resumption token.",
           "Let resumption tokens live for some minutes, also while records change."),
    Reason("shared-identifier", "Three or more datasets of the source are known by one identifier, so it identifies none of them.",
           "Give each dataset an identifier of its own; the datasets are shown, but not linked by this one with those of other sources."),
    Reason("scan-without-dataset", "A scan names a dataset that its custodian does not publish here.",
           "Check the identifier in the source's settings or the file's name; the scan is shown as soon as the dataset is here."),
    # about requests
    Reason("address-refused", "The address is not one that this catalogue may call.",
           "Use a public https address without user name; an operator can allow an internal network."),
    Reason("redirect-refused", "The server redirected in a way that is not followed.",
           "Enter the final https address of the endpoint."),
    Reason("credentials", "The server refused the credentials.", "Enter valid credentials for this endpoint."),
    Reason("tls", "The secure connection could not be established: the certificate is not valid for this address.",
           "Renew the certificate, and send the whole chain."),
    Reason("not-found", "There is nothing at the address.", "Check the address and the paths of the source."),
    Reason("request-refused", "The server refused the request.", "Check the paths and parameters of the source."),
    Reason("protocol-error", "The server's answer is not proper HTTP.", "Check the server and any proxy in front of it."),
    Reason("rate-limited", "The server asks to come back later.",
           "Nothing is lost: it goes on by itself. A higher limit would let it finish at once."),
    Reason("host-busy", "Another source on the same server is being read just now.",
           "Nothing needs to be done: this one goes on when it is its turn."),
    Reason("host-resting", "Several requests in a row failed at this server, so it is left alone for a while.",
           "Check that the endpoint is up; the run goes on by itself."),
    Reason("server-error", "The server failed.", "Check the endpoint's own log; the next run tries again."),
    Reason("unreachable", "The server could not be reached.", "Check that the endpoint is up and its name resolves."),
    Reason("timeout", "The server did not answer in time.", "Check the endpoint's speed; the next run tries again."),
    Reason("time-limit", "The answer took longer in total than is accepted.",
           "Make the endpoint quicker, or send smaller pages."),
    Reason("long-run", "The run took more than a day; it went on all the same.",
           "Nothing is lost. Larger pages, or a quicker endpoint, would shorten it."),
    # about the source itself
    Reason("wrong-configuration", "The source cannot be read as it is configured.",
           "Change its configuration or enter its secret again; a connection test shows whether that mended it."),
    # about folders
    Reason("file-unreadable", "A file could not be read.", "Check that it exists whole and may be read."),
    Reason("file-changing", "A file was being written while the folder was read, so it was left for the next run.",
           "Write it under a hidden name and rename it when it is whole."),
    Reason("outside-folder", "A link leads out of the folder and was not followed.",
           "Put the file itself into the folder."),
)

REASONS: dict[str, Reason] = {entry.code: entry for entry in _LIST}


def reason(code: str) -> Reason:
    """The reason of that code. Raises ``KeyError`` for a code outside the list, which is a fault of ours."""
    return REASONS[code]
