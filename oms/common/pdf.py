"""A small kit for slips, invoices and labels: text with embedded Roboto, tables, Code 128 and QR codes."""

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import font_roboto
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

LABEL_A6 = (105 * mm, 148 * mm)
LABEL_4X6 = (101.6 * mm, 152.4 * mm)
QUIET = 18  # points of white that reportlab keeps at each end of narrow bars
LINE = colors.HexColor("#c9ccd1")
CJK = (
    (0x1100, 0x11FF, "ko"),
    (0x3040, 0x30FF, "ja"),
    (0x3400, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
    (0xF900, 0xFAFF, "zh"),
)
CJK_FONTS = {"ja": "HeiseiKakuGo-W5", "zh": "STSong-Light", "ko": "HYGothic-Medium"}


class Document:
    """Pieces in reading order, then `bytes()`. The same pieces give the same bytes."""

    def __init__(self, title: str, *, size: tuple[float, float] = A4, margin: float = 15 * mm, font_size: float = 9.5):
        _register_fonts()
        self._title, self._size, self._margin, self._font_size = title, size, margin, font_size
        self._story: list[Flowable] = []

    @property
    def width(self) -> float:
        return self._size[0] - 2 * self._margin

    def heading(self, text: str, *, scale: float = 1.7) -> "Document":
        return self.add(self._paragraph(text, bold=True, scale=scale))

    def text(self, text: str, *, bold: bool = False, scale: float = 1.0, align: str = "left") -> "Document":
        """Lines are kept as they are."""
        return self.add(self._paragraph(text, bold=bold, scale=scale, align=align))

    def columns(self, *columns: str | Flowable, widths: Sequence[float] | None = None) -> "Document":
        """Side by side: texts (an address, the facts of an order) or flowables (a barcode). `widths` are shares."""
        cells = [self._cell(column) for column in columns]
        return self.add(Table([cells], colWidths=self._widths(len(cells), widths), style=_PLAIN))

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        widths: Sequence[float] | None = None,
        right: Sequence[int] = (),
    ) -> "Document":
        """The header repeats on each page; `right` names the columns of numbers; `widths` are shares."""
        cells = [[self._paragraph(str(name), bold=True, align=_side(i, right)) for i, name in enumerate(header)]]
        cells += [[self._cell(value, align=_side(i, right)) for i, value in enumerate(row)] for row in rows]
        return self.add(Table(cells, colWidths=self._widths(len(header), widths), repeatRows=1, style=_RULED))

    def barcode(self, value: str, *, height: float = 14 * mm, readable: bool = True) -> "Document":
        return self.add(barcode(value, height=height, readable=readable, width=self.width))

    def qr(self, value: str, *, size: float = 28 * mm) -> "Document":
        return self.add(qr(value, size=size))

    def space(self, points: float = 8) -> "Document":
        return self.add(Spacer(1, points))

    def page_break(self) -> "Document":
        return self.add(PageBreak())

    def add(self, piece: Flowable) -> "Document":
        self._story.append(piece)
        return self

    def bytes(self) -> bytes:
        out = io.BytesIO()
        template = SimpleDocTemplate(
            out,
            pagesize=self._size,
            title=self._title,
            author="",
            invariant=1,
            leftMargin=self._margin,
            rightMargin=self._margin,
            topMargin=self._margin,
            bottomMargin=self._margin,
        )
        template.build(list(self._story))
        return out.getvalue()

    def _cell(self, value: Any, *, align: str = "left") -> Flowable:
        return value if isinstance(value, Flowable | Drawing) else self._paragraph(str(value), align=align)

    def _paragraph(self, text: str, *, bold: bool = False, scale: float = 1.0, align: str = "left") -> Paragraph:
        size = self._font_size * scale
        style = ParagraphStyle(
            "oms",
            fontName="Roboto-Bold" if bold else "Roboto",
            fontSize=size,
            leading=size * 1.32,
            alignment={"left": 0, "center": 1, "right": 2}[align],
            splitLongWords=1,
        )
        return Paragraph(markup(text), style)

    def _widths(self, count: int, shares: Sequence[float] | None) -> list[float]:
        shares = shares or [1] * count
        return [self.width * share / sum(shares) for share in shares]


def barcode(value: str, *, height: float = 14 * mm, readable: bool = True, width: float = 80 * mm) -> Drawing:
    """Code 128, at most `width` wide, bars never thinner than a 203 dpi printer can draw where the width allows it."""
    draw = {"value": value, "barHeight": height, "humanReadable": readable, "fontSize": 9}
    natural = createBarcodeDrawing("Code128", barWidth=0.33 * mm, **draw)
    if natural.width <= width:
        return natural
    bars = (natural.width - 2 * QUIET) / (0.33 * mm)
    return createBarcodeDrawing("Code128", barWidth=(width - 2 * QUIET) / bars, **draw)


def qr(value: str, *, size: float = 28 * mm) -> Drawing:
    return createBarcodeDrawing("QR", value=value, width=size, height=size, barLevel="M")


def markup(text: str) -> str:
    """Escaped, lines kept, and CJK runs in a font that has them."""
    lines = [_runs(line) for line in text.replace("\r\n", "\n").split("\n")]
    return "<br/>".join(lines)


def _runs(line: str) -> str:
    language = "ja" if any(_script(c) == "ja" for c in line) else ""
    out, run, current = [], "", ""
    for character in line:
        script = _script(character)
        script = language if script == "zh" and language else script  # kanji beside kana is Japanese
        if script != current and run:
            out.append(_run(run, current))
            run = ""
        run, current = run + character, script
    return "".join([*out, _run(run, current)])


def _run(text: str, script: str) -> str:
    return f'<font name="{CJK_FONTS[script]}">{escape(text)}</font>' if script else escape(text)


def _script(character: str) -> str:
    code = ord(character)
    return next((script for low, high, script in CJK if low <= code <= high), "")


def _side(column: int, right: Sequence[int]) -> str:
    return "right" if column in right else "left"


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    folder = Path(font_roboto.__file__).parent / "files"
    pdfmetrics.registerFont(TTFont("Roboto", str(folder / "Roboto-Regular.ttf")))
    pdfmetrics.registerFont(TTFont("Roboto-Bold", str(folder / "Roboto-Bold.ttf")))
    pdfmetrics.registerFontFamily(
        "Roboto", normal="Roboto", bold="Roboto-Bold", italic="Roboto", boldItalic="Roboto-Bold"
    )
    for name in CJK_FONTS.values():
        pdfmetrics.registerFont(UnicodeCIDFont(name))


_TIGHT = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
_PLAIN = [*_TIGHT, ("RIGHTPADDING", (0, 0), (-1, -1), 8), ("TOPPADDING", (0, 0), (-1, -1), 0)]
_RULED = [
    *_TIGHT,
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
    ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
]
