"""The engine is given a page and nothing else; where it is not there, one line says what to install."""

from __future__ import annotations

import base64
import gc
import io
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from hardcheck.pdf import pdf_bytes
from tests.pdf.engine import library, needs_pdf

CLOCK = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def read(html: str):
    return library("pypdf").PdfReader(io.BytesIO(pdf_bytes(html, style="", created=CLOCK)))


def pictures(html: str) -> int:
    """How many images the file holds, wherever they are used."""
    found = read(html)
    objects = [found.get_object(number) for number in range(1, found.trailer["/Size"])]
    return sum(isinstance(o, dict) and o.get("/Subtype") == "/Image" for o in objects)


@needs_pdf
@pytest.mark.parametrize("how", ["img", "css", "link", "svg"])
def test_no_file_is_read_and_data_in_the_page_is_shown(tmp_path, how):
    (tmp_path / "a.png").write_bytes(PIXEL)
    data = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
    forms = {
        "img": '<img width="9" height="9" src="{}">',
        "css": '<div style="width:9px;height:9px;background:url({})"></div>',
        "svg": '<svg width="9" height="9"><image width="9" height="9" href="{}"/></svg>',
        "link": '<link rel="stylesheet" href="{}"><p>x',
    }
    assert pictures(forms[how].format((tmp_path / "a.png").as_uri())) == 0
    if how != "link":
        assert pictures(forms[how].format(data)) > 0


@needs_pdf
def test_nothing_is_asked_of_the_network(monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: asked.append(a) or [])
    monkeypatch.setattr(socket.socket, "connect", lambda *a: asked.append(a))
    (page,) = read(
        '<p>x</p><img src="http://127.0.0.1:9/a.png"><link rel="stylesheet" href="https://example.org/a.css">'
    ).pages
    assert "x" in page.extract_text()
    assert asked == []


@needs_pdf
@pytest.mark.parametrize("was_on", [True, False])
def test_garbage_is_collected_afterwards_as_before(was_on):
    try:
        (gc.enable if was_on else gc.disable)()
        pdf_bytes("<p>x", style="", created=CLOCK)
        assert gc.isenabled() == was_on
        with pytest.raises(TypeError):
            pdf_bytes(None, style="", created=CLOCK)
        assert gc.isenabled() == was_on
    finally:
        gc.enable()


@needs_pdf
def test_a_script_does_nothing():
    (page,) = read("<p>before</p><script>document.body.textContent = 'after'</script>").pages
    assert page.extract_text().strip() == "before"


def test_without_the_extra_one_line_says_what_to_install_and_nothing_is_written(tmp_path):
    code = (
        "import sys; sys.modules['weasyprint'] = None; import hardcheck.cli;"
        f"sys.argv = ['hardcheck', 'check', {str(tmp_path)!r}, '-p', 'hard', '-o', {str(tmp_path / 'a.pdf')!r}, '-o', "
        f"{str(tmp_path / 'a.html')!r}]; hardcheck.cli.main()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 2
    wanted = "hardcheck: no PDF can be made here: WeasyPrint is not installed; pip install 'hardcheck[pdf]'\n"
    assert run.stderr == wanted
    assert not list(tmp_path.iterdir())
