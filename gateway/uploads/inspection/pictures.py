"""Pictures are decoded and written anew: what a camera or a program noted beside the picture does not come along, nor anything hidden in it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Final, Literal

from PIL import Image, ImageOps

from harvesters.parsing.document import Document, Unparsable, Value

MOST_PIXELS: Final = 50_000_000
TURNED: Final = 0x0112
"""The EXIF tag that says which way is up."""


def inspect(document: Document, *, kind: Literal["PNG", "JPEG"]) -> Iterator[Value]:
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(document.read()), formats=(kind,)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unparsable("too-large", f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels. Make it smaller.")
            picture.load()
            written = _written(picture, kind)
    except (OSError, SyntaxError, ValueError, EOFError) as problem:
        raise Unparsable("wrong-kind", f"This is no {kind} picture, or it is damaged.") from problem
    yield {"warnings": [], "body": base64.b64encode(written).decode("ascii")}


def _written(picture: Image.Image, kind: str) -> bytes:
    is_turned = picture.getexif().get(TURNED, 1) != 1
    upright = ImageOps.exif_transpose(picture) if is_turned else picture
    upright.info = {name: value for name, value in upright.info.items() if name == "transparency"}
    out = io.BytesIO()
    if kind == "PNG":
        upright.save(out, format="PNG")
    elif upright.format == "JPEG":
        upright.save(out, format="JPEG", quality="keep", exif=b"")
    else:
        upright.save(out, format="JPEG", quality=95, exif=b"")
    return out.getvalue()
