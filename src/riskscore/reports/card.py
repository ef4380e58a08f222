"""A model card, Markdown as it was registered, as part of a page."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

#: Headings of a card stand this much lower on a page.
LOWER = 2


def card_markup(card: str, label: str) -> Markup:
    r"""Return the card as HTML: raw HTML in it stays text, wide tables scroll, headings stand under the page's own.

    Parameters
    ----------
    card : str
        Markdown.
    label : str
        What a screen reader calls its tables.

    Examples
    --------
    >>> card_markup("# A <b>", "card")
    Markup('<h3>A &lt;b&gt;</h3>\n')
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(card)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + LOWER, 6)}"
    text = reader.renderer.render(tokens, reader.options, {})
    opened = f'<div class="wide" role="region" aria-label="{escape(label)}" tabindex="0"><table>'
    framed = text.replace("<table>", opened).replace("</table>", "</table></div>")
    return Markup(framed)  # noqa: S704 - the renderer escapes what the card holds
