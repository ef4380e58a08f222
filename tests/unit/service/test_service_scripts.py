"""Scripts are sent without what only a developer reads, and do the same."""

from __future__ import annotations

from riskscore.service.scripts import scripts_of


def test_comments_and_indentation_stay_behind_and_nothing_else(tmp_path):
    told = "// Why.\n(function () {\n  var url = 'https://example.org'; // stays\n\n  // What.\n  go(url);\n})();\n"
    (tmp_path / "one.js").write_text(told, "utf-8")
    (tmp_path / "page.css").write_text("p { margin: 0 }", "utf-8")
    assert scripts_of(tmp_path) == {"one": "(function () {\nvar url = 'https://example.org'; // stays\ngo(url);\n})();"}
