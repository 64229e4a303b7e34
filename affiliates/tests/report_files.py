"""Reports as Associates Central gives them, made for tests."""

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

EARNINGS = [
    "Category",
    "Name",
    "ASIN",
    "Seller",
    "Tracking ID",
    "Date Shipped",
    "Price(£)",
    "Items Shipped",
    "Returns",
    "Revenue(£)",
    "Ad Fees(£)",
    "Device Type Group",
    "Direct/Indirect",
]
ORDERS = [
    "Category",
    "Name",
    "ASIN",
    "Date",
    "Qty",
    "Price(£)",
    "Link Type",
    "Tag",
    "Indirect Sales",
    "Device Type Group",
]
TRENDS = [
    "Date",
    "Clicks",
    "Items Ordered (Amazon)",
    "Items Ordered (3rd Party)",
    "Total Items Ordered",
    "Conversion",
]
TRACKING = [
    "Tracking ID",
    "Clicks",
    "Items Ordered",
    "Items Shipped",
    "Revenue(£)",
    "Ad Fees(£)",
]
LINK_TYPES = [
    "Link Type",
    "Clicks",
    "Items Ordered",
    "Conversion",
    "Ordered Revenue(£)",
    "Items Shipped",
    "Ad Fees(£)",
]
TITLE = "Fee-Earnings reports from 2026-11-01 to 2026-11-20"


def sold(day="2026-11-03", fee="1.00", **changes):
    """A line of Fee-Earnings: one piece for £20."""
    row = {
        "Category": "Kitchen",
        "Name": "Teapot, blue",
        "ASIN": "B0TEAPOT01",
        "Seller": "Amazon",
        "Tracking ID": "giftsync-21",
        "Date Shipped": day,
        "Price(£)": "20.00",
        "Items Shipped": "1",
        "Returns": "0",
        "Revenue(£)": "20.00",
        "Ad Fees(£)": fee,
        "Device Type Group": "DESKTOP",
        "Direct/Indirect": "Direct",
    }
    return [*(row | changes).values()]


def returned(day="2026-11-05", fee="-1.00", **changes):
    """A return of the same."""
    back = {"Items Shipped": "0", "Returns": "1", "Revenue(£)": "-20.00"}
    return sold(day, fee, **back, **changes)


def ordered(day="2026-11-02", **changes):
    """A line of Fee-Orders."""
    row = {
        "Category": "Kitchen",
        "Name": "Teapot, blue",
        "ASIN": "B0TEAPOT01",
        "Date": day,
        "Qty": "1",
        "Price(£)": "20.00",
        "Link Type": "Text",
        "Tag": "giftsync-21",
        "Indirect Sales": "di",
        "Device Type Group": "DESKTOP",
    }
    return [*(row | changes).values()]


def table(rows, *, header=EARNINGS, title=None, delimiter=",", encoding="utf-8", end="\r\n"):
    """The bytes of a CSV or TSV file."""
    lines = [title] if title else []
    lines += [delimiter.join(_quoted(cell, delimiter) for cell in row) for row in (header, *rows)]
    return (end.join(lines) + end).encode(encoding)


def _quoted(cell, delimiter):
    plain = delimiter not in cell and '"' not in cell and "\n" not in cell
    return cell if plain else '"{}"'.format(cell.replace('"', '""'))


def zipped(**files):
    """The bytes of a ZIP of these files; `_` stands for a dot in the names."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return held.getvalue()


def xml_feed(rows):
    """The bytes of an XML data feed: a dictionary of attributes for each item."""
    items = (
        "<Item " + " ".join(f"{key}={quoteattr(value)}" for key, value in row.items()) + "/>"
        for row in rows
    )
    return f'<?xml version="1.0"?><Data><Items>{"".join(items)}</Items></Data>'.encode()


def workbook(sheets, *, formula_at=None, day_serials=False):
    """The bytes of an XLSX: name -> rows of text; what looks like a number is stored as one."""
    held = io.BytesIO()
    names = list(sheets)
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
            for i, name in enumerate(names, 1)
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns:r="r"><sheets>{listed}</sheets></workbook>'
        )
        relations = "".join(
            f'<Relationship Id="rId{i}" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(names) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f"<Relationships>{relations}</Relationships>"
        )
        archive.writestr(
            "xl/styles.xml",
            '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        shared = [] if day_serials else None
        for i, name in enumerate(names, 1):
            rows = "".join(
                f'<row r="{r}">{"".join(_cells(row, r, formula_at, shared))}</row>'
                for r, row in enumerate(sheets[name], 1)
            )
            content = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
            archive.writestr(f"xl/worksheets/sheet{i}.xml", content)
        if shared is not None:
            texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
            archive.writestr("xl/sharedStrings.xml", f"<sst>{texts}</sst>")
    return held.getvalue()


def _cells(row, r, formula_at, shared):
    from datetime import date

    for c, text in enumerate(row):
        place = f"{chr(65 + c)}{r}"
        if place == formula_at:
            yield f'<c r="{place}"><f>1+1</f><v>2</v></c>'
        elif text == "":
            continue
        elif shared is not None and text[:4].isdigit() and text[4:5] == "-":
            serial = (date.fromisoformat(text) - date(1899, 12, 30)).days
            yield f'<c r="{place}" s="1"><v>{serial}</v></c>'
        elif text.replace(".", "", 1).lstrip("-").isdigit():
            yield f'<c r="{place}"><v>{float(text)!r}</v></c>'
        elif shared is not None:
            shared.append(text)
            yield f'<c r="{place}" t="s"><v>{len(shared) - 1}</v></c>'
        else:
            yield f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
