"""The service as a client of the identity provider: what it is called there, and where a browser is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault
from riskscore.service.oidc.addresses import is_private

_Text = Annotated[str, Field(min_length=1, max_length=500)]

#: Where the provider sends a browser back to, below the service's own address.
BACK = "/login/provider/back"


class Client(BaseModel):
    """What the provider knows of this service, and what this service needs to know to send people there.

    Parameters
    ----------
    name : str
        The institution's, as its people say it: it stands on the button.
    id : str
        The client's id; what ``aud`` of an ID token has to say.
    authorize, token : str
        The provider's two endpoints (https, or http on this machine).
    address : str
        Where browsers reach this service, such as ``https://riskscore.example.org``; never taken from a request.
    secret_file : str or None
        The file that holds the client's secret, relative to the TOML file; a public client has none.
    scope : str
        What is asked for; ``openid``, and what else makes the provider put the claims into its ID tokens.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=60)]
    id: _Text
    authorize: _Text
    token: _Text
    address: _Text
    secret_file: _Text | None = None
    scope: _Text = "openid"

    @property
    def back(self) -> str:
        """The address that is registered at the provider."""
        return f"{self.address}{BACK}"

    def secret(self) -> str | None:
        """Return the secret as its file holds it now, so that it is changed without a restart; None of a public client.

        Raises
        ------
        OSError, ValueError
            It cannot be read, or there is nothing in it.
        """
        if self.secret_file is None:
            return None
        secret = Path(self.secret_file).read_text("utf-8").strip()
        if not secret:
            raise ValueError("empty")
        return secret

    def beside(self, folder: Path) -> Client:
        """Return the client whose file lies where the settings, in `folder`, mean it."""
        if self.secret_file is None:
            return self
        return self.model_copy(update={"secret_file": str((folder / self.secret_file).resolve())})


def client_faults(file: Path, found: Client) -> list[Fault]:
    """Return what does not hold together in the ``[client]`` of `file`."""
    faults = []
    for name, address in (("authorize", found.authorize), ("token", found.token)):
        if not is_private(address):
            what = "A code or a secret sent in clear could be anybody's."
            faults.append(Fault(f"{file}: client.{name}", what, "Give an https address."))
    if not is_private(found.address, bare=True):
        what = "People would come back in clear, or to no service."
        faults.append(Fault(f"{file}: client.address", what, "Give https and a host alone: https://scores.example.org"))
    if "openid" not in found.scope.split():
        faults.append(Fault(f"{file}: client.scope", "Without 'openid' there is no ID token.", "Add openid."))
    try:
        found.beside(file.parent).secret()
    except (OSError, ValueError):  # what it holds is not told
        what = "It cannot be read, or is empty."
        faults.append(Fault(f"{file}: client.secret_file", what, "Write the client's secret in it, and nothing else."))
    return faults
