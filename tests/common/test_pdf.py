import io

import pypdf

from oms.common import pdf


def text_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def slip() -> pdf.Document:
    return (
        pdf.Document("Packing slip 1042")
        .heading("Packing slip")
        .columns("Ada Lovelace\nHauptstr. 5", pdf.barcode("SH-1001"), pdf.qr("https://example.com/t/abc"))
        .table(["SKU", "Name", "Units"], [["MUG-01", "Größe <L> & 李小龍 ラーメン", 2]], widths=[2, 5, 1], right=[2])
    )


def test_a_document_says_what_was_put_into_it_in_order():
    said = text_of(slip().bytes())

    assert said.index("Packing slip") < said.index("Ada Lovelace") < said.index("MUG-01")
    assert "Größe <L> &" in said
    assert "李小龍" in said


def test_the_same_pieces_give_the_same_bytes():
    assert slip().bytes() == slip().bytes()


def test_roboto_is_embedded():
    reader = pypdf.PdfReader(io.BytesIO(slip().bytes()))

    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    roboto = [font for font in fonts if "Roboto" in font["/BaseFont"]]
    assert roboto
    assert all("/FontFile2" in font["/FontDescriptor"] for font in roboto)


def test_a_long_table_repeats_its_head_on_every_page():
    data = pdf.Document("List").table(["SKU", "Units"], [[f"SKU-{n}", n] for n in range(120)]).bytes()

    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    assert len(pages) > 1
    assert all("Units" in page.extract_text() for page in pages)


def test_a_label_has_the_size_of_its_paper():
    data = pdf.Document("Label", size=pdf.LABEL_A6, margin=10).heading("To").barcode("1Z999").bytes()

    box = pypdf.PdfReader(io.BytesIO(data)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (298, 420)


def test_a_long_barcode_is_narrowed_to_its_place():
    assert pdf.barcode("0" * 60, width=200).width <= 200.5
    assert pdf.barcode("SH-1", width=200).width < 200
