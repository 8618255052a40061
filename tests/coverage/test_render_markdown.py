"""A comment on a pull request: it fits, and strangers' names stay names."""

import re

from markdown_it import MarkdownIt

from headwater.render import markdown

from .analyses import FULL, hostile, many

PARSER = MarkdownIt("commonmark").enable("table")


def tokens(text: str) -> list[str]:
    """Lists the kinds of everything that the text is made of, in every depth."""
    found: list[str] = []
    for block in PARSER.parse(text):
        found += [block.type, *(each.type for each in block.children or ())]
    return found


def test_a_comment_fits() -> None:
    """However many gaps, the text stays below what GitHub takes; what has no room is counted, and all is closed."""
    text = markdown.render(many(5000))
    assert len(text) < 65_000
    assert re.search(r"and \d{4} more, for which there is no room here", text)
    assert text.count("<details") == text.count("</details>") == 1
    assert "5000 gaps" in text


def test_strangers_make_no_markup() -> None:
    """Names and conditions make no link, no HTML and no mention, and break no table."""
    text = markdown.render(hostile())
    assert {"link_open", "image"}.isdisjoint(tokens(text))
    html = [
        each.content for block in PARSER.parse(text) for each in [block, *(block.children or ())] if "html" in each.type
    ]
    assert all(re.fullmatch(r"(</?(details|summary|sub)( open)?>|[^<>])*", each.strip()) for each in html), html
    outside_code = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"[@#]\w", outside_code.replace("## ", ""))
    assert "<script" not in outside_code


def test_tables_keep_their_columns() -> None:
    """Every row of a table has as many cells as its head, whatever a file is called."""
    rows = [line for line in markdown.render(hostile()).splitlines() if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in rows]
    assert widths[0] == widths[1] == widths[2]
    assert set(widths[3:]) == {5}
    assert tokens(markdown.render(FULL)).count("table_open") == 2
