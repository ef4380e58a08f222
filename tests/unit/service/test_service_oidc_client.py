"""The service as a client of the identity provider: what its settings may say, and what is made of them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from riskscore.errors import InvalidInput
from riskscore.service.assembly import code_flow_of, provider_of
from riskscore.service.oidc.settings import read_provider
from riskscore.service.settings import Settings
from tests.unit.service.identity import NOBODY, toml

DOCS = Path(__file__).parents[3] / "docs" / "access.md"


@pytest.fixture
def file(tmp_path):
    return toml(NOBODY, tmp_path)


def changed(file: Path, name: str, line: str) -> Path:
    """Put another line in the place of the one of this name under ``[client]``."""
    head, client, rest = file.read_text("utf-8").partition("[client]")
    text, count = re.subn(f"(?m)^{name} = .*$", lambda _: line, rest)
    assert count == 1
    file.write_text(head + client + text, "utf-8")
    return file


IN_CLEAR = ["http://login.example.org/a", "ftp://login.example.org/a", "https://", "/a", "https://[", "https://a:b/c"]


@pytest.mark.parametrize(
    "address", [*IN_CLEAR, "https://me:pw@a.example/", "https://a.example/#b", "https://ñ.example/"]
)
@pytest.mark.parametrize("name", ["authorize", "token", "address"])
def test_nobody_is_sent_in_clear_or_to_nowhere(file, name, address):
    with pytest.raises(InvalidInput) as caught:
        read_provider(changed(file, name, f'{name} = "{address}"'))
    assert [fault.where.rpartition(": ")[2] for fault in caught.value.faults] == [f"client.{name}"]


@pytest.mark.parametrize("address", ["https://a.example/", "https://a.example/below", "https://a.example?b"])
def test_an_address_of_ours_is_a_host_alone(file, address):
    with pytest.raises(InvalidInput, match="Give https and a host alone"):
        read_provider(changed(file, "address", f'address = "{address}"'))


@pytest.mark.parametrize("address", ["https://a.example:8443", "http://localhost:3000", "http://[::1]:3000"])
def test_on_this_machine_it_may_be_in_clear(file, address):
    client = read_provider(changed(file, "address", f'address = "{address}"')).client
    assert client is not None
    assert client.back == f"{address}/login/provider/back"


def test_every_fault_of_the_client_is_named_with_those_of_the_rest(file, tmp_path):
    (tmp_path / "secret").write_text(" \n", "utf-8")
    changed(changed(file, "scope", 'scope = "groups"'), "token", 'token = "http://a.example/"')
    file.write_text(file.read_text("utf-8").replace('"auditor"', '"boss"'), "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_provider(file)
    found = {fault.where.rpartition(": ")[2] for fault in caught.value.faults}
    assert found == {"roles.auditoria", "scopes.auditor", "client.scope", "client.token", "client.secret_file"}


@pytest.mark.parametrize("line", ["", 'name = ""', f'name = "{"x" * 61}"', 'name = "a"\nsecret = "CANARY"', "name = 7"])
def test_what_is_missing_or_unknown_is_named_and_not_quoted(file, line):
    with pytest.raises(InvalidInput, match=r"client\.(name|secret)") as caught:
        read_provider(changed(file, "name", line))
    assert "CANARY" not in str(caught.value)


def test_a_secret_is_a_file_beside_the_settings_and_in_no_setting(file, tmp_path):
    client = read_provider(file).client
    assert client is not None
    assert client.secret_file == str(tmp_path / "secret")
    assert client.secret() == "CANARY-secret: ñ&="
    assert "CANARY" not in f"{client!r} {client.model_dump()}"
    (tmp_path / "secret").unlink()
    with pytest.raises(InvalidInput, match=r"client\.secret_file: It cannot be read, or is empty"):
        read_provider(file)


def test_every_worker_signs_with_the_secret_of_the_records(file, house):
    """Built as at a start: two workers, one database. What one began the other takes, once."""
    database = house.records.database
    settings = Settings(oidc=file)
    flows = [code_flow_of(provider_of(settings, house.access, database), house.access, database) for _ in range(2)]
    address, cookie = flows[0].begin("/officer", "en")
    state = parse_qs(urlsplit(address).query)["state"][0]
    attempt = flows[1].attempts.kept(cookie)
    flows[1].attempts.take(attempt, state)
    assert (attempt.target, attempt.language) == ("/officer", "en")
    assert parse_qs(urlsplit(address).query)["nonce"] == [attempt.nonce]
    for flow in flows:
        with pytest.raises(Exception, match="This attempt to sign in is over"):
            flow.attempts.take(flow.attempts.kept(cookie), state)


def test_a_provider_without_a_client_has_no_page(file, house):
    file.write_text(file.read_text("utf-8").partition("[client]")[0], "utf-8")
    database = house.records.database
    provider = provider_of(Settings(oidc=file), house.access, database)
    assert provider is not None
    assert code_flow_of(provider, house.access, database) is None


def test_the_example_in_the_docs_holds_together(tmp_path):
    both = "".join(re.findall("```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL))
    (tmp_path / "oidc.toml").write_text(both, "utf-8")
    (tmp_path / "oidc-client-secret").write_text("anything\n", "utf-8")
    client = read_provider(tmp_path / "oidc.toml").client
    assert client is not None
    assert client.back == "https://riskscore.example.org/login/provider/back"
    assert f"`{client.back}`" in DOCS.read_text("utf-8")
    assert client.secret() == "anything"
