"""`riskscore report portfolio`: the page is written, and every fault has its code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from tests.unit.portfolio.golden import golden


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden(tmp_path_factory.mktemp("golden") / "portfolio").path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["report", "portfolio", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(("lang", "title"), [("es", "Informe de cartera"), ("en", "Portfolio report")])
def test_it_writes_the_page_and_says_where(portfolio: Path, tmp_path: Path, lang: str, title: str) -> None:
    out = tmp_path / "pages" / "p.html"
    code, stdout, _ = run(portfolio, "--out", out, "--as-of", "2026-06-01", "--lang", lang)
    assert code == 0
    assert stdout.startswith(f"{out}  internal ledger, as of the end of 2026-05-31, ")
    page = out.read_text("utf-8")
    assert f"<h1>{title}</h1>" in page
    assert "55,00" in page


def test_spanish_and_the_data_date_are_what_is_not_said(portfolio: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.html"
    assert run(portfolio, "--out", out)[0] == 0
    assert "30 de junio de 2026" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--as-of", "2024-01-01"), 1, "no loan with a schedule was known by"),
        (("--as-of", "2026-08-01"), 1, "lies ahead of what the portfolio knows"),
        (("--as-of", "soon"), 1, "soon"),
        (("--ledger", "external"), 1, "the external ledger has no loan"),
        (("--ledger", "both"), 2, "both"),
        (("--lang", "fr"), 2, "fr"),
    ],
)
def test_a_fault_has_its_code_and_leaves_no_file(
    portfolio: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    out = tmp_path / "p.html"
    found, stdout, stderr = run(portfolio, "--out", out, *arguments)
    assert (found, stdout) == (code, "")
    assert says in stderr
    assert list(tmp_path.iterdir()) == []
