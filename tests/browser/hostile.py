"""Text that files can hold and that must stay text: what each kind of reader of it would act on."""

from __future__ import annotations

from tests.report.sample import HOSTILE

VARIANTS = (
    *HOSTILE,
    # Markup
    "<b>bold</b>", "<script>alert(1)</script>", "<SCRIPT SRC=//x.test/a.js></SCRIPT>", "<iframe srcdoc='<p>'></iframe>",
    "<a href=//x.test>go</a>", "<meta http-equiv=refresh content=0;url=//x.test>", "<base href=//x.test>",
    "<form action=//x.test><input name=a>", "<body onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<math><mtext></mtext><img src=x onerror=alert(1)></math>", "<template><p>", "<!doctype html>", "<!--", "-->",
    "<?xml version='1.0'?>", "<![CDATA[ x ]]>", "</title><h1>x</h1>", "</p></div></section></main></body></html>",
    "</table><table>", "</script>", "<!--<script>", "</style>", "</textarea>", "</svg>", "<plaintext>", "<noscript>",
    "< script >", "<<b>>", "<img src=x:x onerror=alert(1)//", "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//x.test>",
    # Attributes and quotes
    "\"", "'", "`", "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "\" style=\"position:fixed",
    "a=b c=\"d\"",
    "\"'><", "\\", "\\\"", "\\'); alert(1); ('", "\\3c script\\3e", "\\a \\d ",
    # Entities
    "&lt;b&gt;", "&#60;b&#62;", "&amp;amp;", "&nbsp", "&#0;", "&#xD800;", "&notanentity;",
    # Style sheets: the edges of printed pages
    "\"; } body { display: none } @page { @top-left { content: \"", "*/ } /*", "url(//x.test)", "attr(x) counter(page)",
    # Scripts, JSON and templates
    "\u2028alert(1)\u2029", "${alert(1)}", "#{7*7}", "<%= 7*7 %>", "{{ config }}", "{% include '/etc/passwd' %}",
    "{# gone #}",
    "{shown} {all} {dose}", "__proto__", "constructor", "[object Object]", "null", "*, .goals", "$& $1 $`",
    # What is not seen, and what turns the direction
    "\u202eDESREVER", "\u2066\u2067\u2068", "\u200b\u200d\ufeff", "\u061c\u200e", "\x7f\x80\x9f", "\x00",
    "\x1b]0;title\x07",
    "\udfff\ud800", "\U000e0041\U000e007f", "\ufff9\ufffb", "a\u0300\u0301\u0302\u0303\u0304\u0305" * 8,
    # Size
    "W" * 300, "long words " * 40, "𝒜" * 60, "日本語" * 40,
)  # fmt: skip
"""More than eighty of them, no two alike."""
