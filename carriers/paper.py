"""What we print ourselves: labels as PDF and ZPL, and the list for the driver."""

from collections.abc import Sequence
from datetime import datetime

from carriers.providers.base import LabelRequest
from carriers.statuses import Direction, LabelFormat
from oms.common import pdf
from oms.common.postal import PostalAddress

SIZES = {LabelFormat.PDF_A6: pdf.LABEL_A6}
DOTS_A_MM = {LabelFormat.ZPL_300: 11.8}


def label_pdf(asked: LabelRequest, *, carrier: str, service: str, number: str, format: str = "") -> bytes:
    """One page of the format's size: from, to, service, the number as Code 128 and our reference in large type."""
    page = pdf.Document(f"Label {number}", size=SIZES.get(format, pdf.LABEL_4X6), margin=12, font_size=8)
    page.columns(f"{carrier}", f"{service}", widths=(1, 1)).space(4)
    page.text("FROM", bold=True, scale=0.8).text(_envelope(asked.origin), scale=0.85).space(6)
    page.text("TO", bold=True, scale=0.8).text(_envelope(asked.destination), bold=True, scale=1.35).space(6)
    if asked.destination.phone:
        page.text(f"Tel. {asked.destination.phone}", scale=0.85)
    page.barcode(number, height=44).space(6)
    page.columns(_weight(asked), asked.ship_at.strftime("%d %b %Y"), widths=(1, 1))
    if asked.direction == Direction.RETURN:
        page.text("RETURN", bold=True, scale=1.6)
    page.text(asked.printed_reference or asked.reference, bold=True, scale=1.5)
    return page.bytes()


def label_zpl(asked: LabelRequest, *, carrier: str, service: str, number: str, format: str = "") -> str:
    """The same for a label printer, 4 × 6 inch; every text goes as UTF-8 in hexadecimal escapes where it has to."""
    dots = DOTS_A_MM.get(format, 8)
    out = ["^XA", "^CI28", f"^PW{round(101.6 * dots)}", f"^LL{round(152.4 * dots)}"]
    y = 4.0
    texts = [(f"{carrier}  {service}", 4.0), ("FROM", 2.5)]
    texts += [(line, 2.8) for line in asked.origin.lines()]
    texts += [("TO", 3.0), *((line, 4.5) for line in asked.destination.lines())]
    for text, height in texts:
        out.append(f"^FO{round(5 * dots)},{round(y * dots)}^A0N,{round(height * dots)}^FH^FD{_hex(text)}^FS")
        y += height + 1.2
    out.append(f"^FO{round(5 * dots)},{round((y + 3) * dots)}^BY3^BCN,{round(20 * dots)},Y,N,N^FD{_hex(number)}^FS")
    last = f"{asked.printed_reference or asked.reference}  {_weight(asked)}"
    out.append(f"^FO{round(5 * dots)},{round((y + 32) * dots)}^A0N,{round(5 * dots)}^FH^FD{_hex(last)}^FS")
    return "\n".join([*out, "^XZ", ""])


def manifest_pdf(
    number: str,
    *,
    carrier: str,
    place: str,
    at: datetime,
    rows: Sequence[tuple[str, str, str, str]],
    reference: str = "",
) -> bytes:
    """`rows` are (tracking number, our reference, service, where to)."""
    page = pdf.Document(f"Manifest {number}")
    page.heading(f"Manifest {number}").text(f"{carrier} · {place} · {at:%d %b %Y %H:%M}").space()
    page.barcode(reference or number).space()
    page.table(("Tracking number", "Parcel", "Service", "To"), rows, widths=(3, 2, 3, 4)).space(16)
    page.text(f"{len(rows)} parcels", bold=True).space(24)
    page.columns("Handed over by: ____________________", "Taken by: ____________________")
    return page.bytes()


def _envelope(address: PostalAddress) -> str:
    return "\n".join(address.lines())


def _weight(asked: LabelRequest) -> str:
    return f"{asked.parcel.weight_g / 1000:.2f} kg"


def _hex(text: str) -> str:
    """^ and ~ would be commands, _ starts an escape."""
    return "".join(f"_{byte:02X}" if byte > 126 or chr(byte) in "^~_\\" else chr(byte) for byte in text.encode())
