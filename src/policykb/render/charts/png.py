"""SVG as PNG, for readers that do not know SVG."""

from __future__ import annotations

from policykb.errors import MissingExtraError
from policykb.files.packaged import DATA
from policykb.i18n import _

_FONT = DATA / "fonts" / "policykb-sans.otf"
_MORE = "≤≥±²₂·–"  # what the font has besides GB 2312


def png(svg: str) -> bytes:
    """The picture, two pixels for each unit of the drawing.

    The text is drawn with a font of policykb's own, so that every machine gives the same bytes. Only characters
    that it lacks are looked for in the fonts of the machine.
    """
    try:
        import resvg_py
    except ImportError:
        raise MissingExtraError(_("charts in Word documents"), "report") from None
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=2,
        font_files=[str(_FONT)],
        skip_system_fonts=all(char in _MORE or _covered(char) for char in set(svg)),
        sans_serif_family="policykb Sans",
        font_family="policykb Sans",
    )


def _covered(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False
