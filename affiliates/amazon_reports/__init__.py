"""Reading what Associates Central lets one download: ZIP, CSV, TSV, XLSX, XML. Knows no Django.

Nobody promises the layouts and the files come from outside, so everything that is not understood
is refused with its row and the reason. Files are read as streams; nothing is unpacked to disk.
"""
