"""S15: which files are taken and which are refused, by what they are; what comes along with them and what does not."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from gateway.errors import Unprocessable
from gateway.uploads.checking import LARGEST_BYTES, check
from gateway.uploads.kinds import KINDS
from gateway.uploads.names import LONGEST, cleaned, disposition
from tests.uploads.made import (
    EICAR,
    TYPES,
    archive,
    docx,
    object_stream,
    odt,
    pdf,
    pdf_of,
    picture,
    pixel_bomb,
    relation,
)

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PACKED_CATALOG = b"<< /Type /Catalog /Names << /%s 3 0 R >> >>"


def word_document() -> bytes:
    """As a word processor writes it, with a link to a web page."""
    made, out = Document(), io.BytesIO()
    made.add_paragraph("The protocol of the study.")
    made.part.relate_to("https://university.example/study", "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink", is_external=True)
    made.save(out)
    return out.getvalue()


ACCEPTED: dict[str, bytes] = {
    "protocol.pdf": pdf(), "a link to /JavaScript.pdf": pdf(link="https://pages.example/docs/JavaScript/Launch"),
    "packed.PDF": pdf_of(CATALOG, packed=object_stream(b"<< /Type /Pages /Count 0 >>")), "by us.docx": docx(), "by word.docx": word_document(),
    "linked.docx": docx(**{"word___rels__document.xml.rels": relation("hyperlink", "https://x.example")}),
    "form.odt": odt(), "flow.png": picture("PNG"), "letter.jpg": picture("JPEG"), "letter.jpeg": picture("JPEG"), "codes.txt": b"E10 Diabetes\r\nE11 Diabetes\r\n",
    "Ünïcode ☃.txt": "Größe\n".encode(), "virus.txt": EICAR,
}
"""A scanner's finds are not ours: the last one is sound text."""


@pytest.mark.parametrize("name", ACCEPTED)
def test_S15_files_to_accept(name: str) -> None:
    taken = check(name, ACCEPTED[name])
    assert (taken.name, taken.warnings) == (name.rpartition("/")[2], ())
    assert taken.media_type in {kind.media_type for kind in KINDS.values()}
    if not taken.media_type.startswith("image/"):
        assert taken.body == ACCEPTED[name], "kept as it came"


def zip_member(name: str, **facts: int) -> bytes:
    info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    for fact, value in facts.items():
        setattr(info, fact, value)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", TYPES)
        made.writestr("word/document.xml", "<w:document/>")
        made.writestr(info, b"target")
    return out.getvalue()


def encrypted(body: bytes) -> bytes:
    """With the flag of the first part set, where the directory lists it."""
    at = body.index(b"PK\x01\x02") + 8
    return body[:at] + bytes([body[at] | 1]) + body[at + 1 :]


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a program": ("setup.exe", b"MZ\x90\0", "not taken"),
    "no ending": ("protocol", pdf(), "not taken"),
    "two endings": ("protocol.pdf.exe", pdf(), "not taken"),
    "a hidden ending": ("protocol.exe .pdf\u202e", b"MZ\x90\0", "no PDF"),
    "a web page": ("page.html", b"<html>", "not taken"),
    "a drawing that can run": ("flow.svg", b"<svg/>", "not taken"),
    "an old Word document": ("form.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not taken"),
    "a Word document with macros by name": ("form.docm", docx(), "not taken"),
    "an archive": ("all.zip", archive({"a.txt": "x"}), "not taken"),
    "rows of data": ("cohort.csv", b"id,dob\n1,2\n", "rows of data"),
    "a workbook": ("cohort.xlsx", archive({"xl/workbook.xml": "x"}), "rows of data"),
    "rows of data as text": ("cohort.txt", b"".join(b"%d,19%d,%d,%d\n" % (n, n, n, n) for n in range(10, 20)), "rows of data"),
    "nothing": ("empty.pdf", b"", "empty"),
    "blanks": ("blank.txt", b" \r\n\t", "empty"),
    "too much": ("big.txt", b"a" * (LARGEST_BYTES + 1), "larger than 10 MB"),
    "a program as PDF": ("protocol.pdf", b"MZ\x90\0" * 100, "no PDF"),
    "a picture as PDF": ("protocol.pdf", picture("PNG"), "no PDF"),
    "a PDF as picture": ("flow.png", pdf(), "no PNG"),
    "a JPEG as PNG": ("flow.png", picture("JPEG"), "no PNG"),
    "a PDF as Word": ("form.docx", pdf(), "no such document"),
    "a PDF as text": ("notes.txt", pdf(), "plain text"),
    "an ODT as DOCX": ("form.docx", odt(), "no Word"),
    "a DOCX as ODT": ("form.odt", docx(), "no OpenDocument"),
    "a web page as text": ("notes.txt", b"  <!DOCTYPE html><script>1</script>", "web page"),
    "RTF as text": ("notes.txt", b"{\\rtf1 x}", "web page"),
    "NUL in text": ("notes.txt", b"a\0b", "signs that text does not have"),
    "another encoding": ("notes.txt", "Größe".encode("latin-1"), "UTF-8"),
    # polyglots
    "PDF that is a web page": ("a.pdf", b"%PDF-1.4\n<html><script>x</script>" + pdf()[8:], "hidden"),
    "PDF behind a web page": ("a.pdf", b"<html>" + pdf(), "no PDF"),
    "PDF with an archive behind": ("a.pdf", pdf() + archive({"a.txt": "x"}), "hidden"),
    "PDF around an archive": ("a.pdf", pdf()[:-6] + archive({"a.txt": "x"}) + b"\n%%EOF\n", "hidden"),
    "PDF cut off": ("a.pdf", pdf()[:-40], "does not end"),
    "archive behind a picture": ("a.docx", picture("PNG") + docx(), "hidden"),
    "something behind an archive": ("a.docx", docx() + b"<script>", "hidden"),
    "archive with a PDF in its first bytes": ("a.docx", archive({"%PDF-1.4": "x", "[Content_Types].xml": TYPES, "word/document.xml": "<w/>"}), "hidden"),
    # PDFs that do something
    "PDF with a script": ("a.pdf", pdf_of(CATALOG, b"<< /S /JavaScript /JS (app.alert(1)) >>"), "scripts"),
    "PDF with an escaped script": ("a.pdf", pdf_of(CATALOG, b"<< /S /J#61va#53cript /JS (x) >>"), "scripts"),
    "PDF that starts a program": ("a.pdf", pdf_of(CATALOG, b"<</S/Launch/F(cmd.exe)>>"), "starts programs"),
    "PDF that sends a form": ("a.pdf", pdf_of(CATALOG, b"<< /S /SubmitForm /F (https://x.example) >>"), "starts programs"),
    "PDF with a file in it": ("a.pdf", pdf_of(CATALOG, b"<< /Names << /EmbeddedFiles 3 0 R >> >>"), "attached files"),
    "PDF with film": ("a.pdf", pdf_of(CATALOG, b"<< /Subtype /RichMedia >>"), "attached files"),
    "PDF that is an XFA form": ("a.pdf", pdf_of(CATALOG, b"<< /AcroForm << /XFA [] >> >>"), "form of a kind"),
    "PDF with a password": ("a.pdf", pdf_of(CATALOG, trailer=b"/Encrypt 5 0 R"), "password"),
    "PDF with a packed script": ("a.pdf", pdf_of(CATALOG, packed=object_stream(PACKED_CATALOG % b"JavaScript")), "scripts"),
    "PDF with a packed script and a wrong checksum": ("a.pdf", pdf_of(CATALOG, packed=object_stream(PACKED_CATALOG % b"JavaScript", broken=True)), "scripts"),
    "PDF with a script packed twice": (
        "a.pdf", pdf_of(CATALOG, packed=zlib.compress(object_stream(PACKED_CATALOG % b"JavaScript")), filters=b"[/FlateDecode /FlateDecode]"), "cannot be looked into",
    ),
    "PDF packed in another way": ("a.pdf", pdf_of(CATALOG, packed=b"AAAA", filters=b"/LZWDecode"), "cannot be looked into"),
    "PDF that unfolds for ever": ("a.pdf", pdf_of(CATALOG, packed=zlib.compress(bytes(80 * 2**20))), "unfolds"),
    # Word and OpenDocument
    "macros": ("a.docx", docx(**{"word__vbaProject.bin": b"x"}), "macros"),
    "macros by type": ("a.docx", archive({"[Content_Types].xml": TYPES.replace("document.main", "document.macroEnabled.main"), "word/document.xml": "<w/>"}), "macros"),
    "an embedded object": ("a.docx", docx(**{"word__embeddings__sheet.xlsx": archive({"a": "b"})}), "macros or embedded"),
    "a control": ("a.docx", docx(**{"word__activeX__activeX1.xml": "<x/>"}), "macros or embedded"),
    "a template from elsewhere": ("a.docx", docx(**{"word___rels__settings.xml.rels": relation("attachedTemplate", "https://evil.example/t.dotm")}), "fetches"),
    "a picture from elsewhere": ("a.docx", docx(**{"word___rels__document.xml.rels": relation("image", "https://evil.example/p.png")}), "fetches"),
    "entities": ("a.docx", docx(**{"word__styles.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "entities"),
    "an archive in it": ("a.docx", docx(**{"word__media__a.zip": archive({"a": "b"})}), "another document"),
    "an archive in it under the name of a picture": ("a.docx", docx(**{"word__media__a.png": archive({"a": "b"})}), "another document"),
    "a program in it": ("a.docx", docx(**{"word__media__a.exe": b"MZ"}), "macros or embedded"),
    "a climbing name": ("a.docx", zip_member("../../etc/passwd"), "outside"),
    "an absolute name": ("a.docx", zip_member("/etc/passwd"), "outside"),
    "a link": ("a.docx", zip_member("word/link.xml", external_attr=0o120777 << 16), "a link"),
    "an encrypted part": ("a.docx", encrypted(docx()), "encrypted"),
    "too many parts": ("a.docx", docx(**{f"word__p{number}.xml": "<x/>" for number in range(1_000)}), "at most 1,000"),
    "a bomb": ("a.docx", docx(**{"word__media__a.png": bytes(80 * 2**20)}), "unfolds"),
    "a bomb that lies": ("a.docx", docx(**{"word__big.xml": b"<x>" + b" " * (70 * 2**20) + b"</x>"}), "unfolds"),
    "basic scripts": ("a.odt", odt(**{"Basic__Standard__Module1.xml": "<x/>"}), "macros"),
    "a listener": ("a.odt", odt(**{"styles.xml": '<x><script:event-listener script:language="ooo:script"/></x>'}), "macros"),
    "a macro link": ("a.odt", odt('<text:a xlink:href="macro:///Standard.Module1.Main()">x</text:a>'), "macros"),
    "an encrypted ODT": ("a.odt", odt(**{"META-INF__manifest.xml": "<manifest:encryption-data/>"}), "encrypted"),
    # pictures
    "a bomb of pixels": ("a.png", pixel_bomb(100_000, 100_000), "million pixels"),
    "a picture cut off": ("a.jpg", picture("JPEG", size=(400, 400))[:700], "damaged"),
    "a picture of no size": ("a.png", pixel_bomb(0, 0), "no PNG"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_S15_files_to_refuse(what: str) -> None:
    name, body, told = REFUSED[what]
    with pytest.raises(Unprocessable, match="not taken") as raised:
        check(name, body)
    sentence = raised.value.fields["file"]
    assert told in sentence


@pytest.mark.parametrize(("kind", "name"), [("PNG", "flow.png"), ("JPEG", "letter.jpg")])
def test_S15_EXIF_is_gone_and_the_picture_is_the_same(kind: str, name: str) -> None:
    sent = picture(kind, secret="Marker-Secret") + b"<script>Marker-Tail</script>"
    assert b"Marker-Secret" in sent
    kept = check(name, sent).body
    assert b"Marker" not in kept
    with Image.open(io.BytesIO(kept)) as shown, Image.open(io.BytesIO(sent)) as before:
        assert dict(shown.getexif()) == {}
        assert not {"exif", "comment", "xmp", "Author", "photoshop"} & set(shown.info)
        assert shown.size == before.size
        apart = max(ImageStat.Stat(ImageChops.difference(shown.convert("RGB"), before.convert("RGB"))).mean)
        assert apart <= (0 if kind == "PNG" else 2), "JPEG is not kept to the last shade"


def test_S15_a_picture_stays_upright_without_the_note_that_turned_it() -> None:
    kept = check("letter.jpg", picture("JPEG", turned=6)).body
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (20, 40)
        red, white = shown.convert("RGB").getpixel((10, 5)), shown.convert("RGB").getpixel((10, 35))
        assert red[1] < 90
        assert white[1] > 200


@pytest.mark.parametrize("made", [docx, odt, lambda text: text.encode()])
def test_A24_text_that_may_identify_a_patient_is_warned_of(made: object) -> None:
    name = {docx: "a.docx", odt: "a.odt"}.get(made, "a.txt")  # type: ignore[call-overload]
    taken = check(name, made("NHS number 943 476 5919, born 3 May 1961."))  # type: ignore[operator]
    assert taken.warnings == ("It seems to hold an NHS number.", "It seems to hold a date of birth.")


def test_A24_rows_of_data_are_refused_whatever_they_are_called() -> None:
    rows = b"".join(b"%d\t19%d-01-02\t%d\tM\r\n" % (number, number, number) for number in range(40, 60))
    for name in ("cohort.csv", "cohort.tsv", "cohort.txt", "COHORT.CSV", "cohort.csv.txt"):
        with pytest.raises(Unprocessable) as raised:
            check(name, rows)
        assert "rows of data" in raised.value.fields["file"]


@pytest.mark.parametrize(("given_name", "kept"), [
    ("../../etc/passwd.txt", "passwd.txt"), ("C:\\Users\\Ada\\protocol.pdf", "protocol.pdf"), ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
    ('"quoted".pdf', "quoted.pdf"), ("con.txt", "_con.txt"), ("COM1", "_COM1"), ("notes.txt:evil.exe", "notes.txtevil.exe"), ("", "file"), ("...", "file"),
    ("/", "file"), ("\u202egnp.exe", "gnp.exe"), ("a\0b.pdf", "ab.pdf"), ("Ünïcode ☃.pdf", "Ünïcode ☃.pdf"), ("x" * 255 + ".pdf", "x" * 116 + ".pdf"),
])
def test_S15_names_are_cleaned(given_name: str, kept: str) -> None:
    assert cleaned(given_name) == kept


@given(st.text(max_size=300))
def test_S14_a_name_breaks_no_header_and_climbs_nowhere(name: str) -> None:
    kept = cleaned(name)
    assert 0 < len(kept) <= LONGEST + 1
    assert cleaned(kept) == kept, "cleaning twice changes nothing"
    assert not set(kept) & set('/\\"<>:|?*\r\n\0')
    header = disposition("AR-1-file.pdf", name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
