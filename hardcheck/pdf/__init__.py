"""A page as a PDF file. The only package that imports WeasyPrint, which comes with the extra ``hardcheck[pdf]``."""

from hardcheck.pdf.paper import need_engine, pdf_bytes

__all__ = ["need_engine", "pdf_bytes"]
