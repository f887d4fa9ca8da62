"""Requests of either form of a scenario: filled in, mended, held to the limits."""

import json
from typing import Any

from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.limits import check_header, check_url, checked_method
from buildsteps.steps.loadtest.scenario.model import Check, Request
from buildsteps.steps.loadtest.scenario.places import at
from buildsteps.steps.loadtest.scenario.remarks import Remarks
from buildsteps.steps.loadtest.scenario.secrets import has_password, secret_headers
from buildsteps.steps.loadtest.scenario.variables import Variables
from buildsteps.yaml_document import Node

_JSON = "application/json"


class Requests:
    """Reads requests one by one."""

    def __init__(self, variables: Variables, remarks: Remarks) -> None:
        self.variables = variables
        self.remarks = remarks

    def read(
        self,
        node: Node,
        *,
        url: str,
        method: str = "GET",
        name: str = "",
        headers: dict[str, str] | None = None,
        body: Any = "",
        check: Check | None = None,
    ) -> Request:
        """Make a request of what stands at ``node``; the url may come from elsewhere."""
        known = len(self.remarks.mistakes)
        url = self.variables.fill(url, at(node, "url"))
        is_filled = len(self.remarks.mistakes) == known
        if is_filled and not self._waits_for_the_engine(url):
            check_url(url, at(node, "url"), self.remarks)
        self._check_status(check, node)
        filled = self._headers(headers or {}, at(node, "headers"))
        return Request(
            url=url,
            method=checked_method(method, at(node, "method"), self.remarks),
            name=name,
            headers=self._typed(filled, body),
            body=self._body(body, at(node, "body")),
            checks=check or Check(),
        )

    def warn_of_secrets(self, node: Node, request: Request) -> None:
        """Note headers and addresses that look like secrets."""
        for name in secret_headers(request.headers):
            self.remarks.secret(
                f"the header {name} looks like a secret; Distributed Load Testing stores it "
                "readable for all who may see the test",
                at(node, "headers", name),
            )
        if has_password(request.url):
            self.remarks.secret("the url holds a password", at(node, "url"))

    def _waits_for_the_engine(self, url: str) -> bool:
        """Whether a variable was left for JMeter, so that the address is not known yet."""
        return self.variables.forgiving and "${" in url and "://" in url

    def _check_status(self, check: Check | None, node: Node) -> None:
        for status in check.status if check else ():
            if not 100 <= status <= 599:
                place = at(node, "checks", "status")
                self.remarks.wrong(f"{status} is no status of HTTP", place)

    def _headers(self, headers: dict[str, str], place: Location | None) -> dict[str, str]:
        filled = {name: self.variables.fill(value, place) for name, value in headers.items()}
        for name, value in filled.items():
            check_header(name, value, place, self.remarks)
        return filled

    def _body(self, body: Any, place: Location | None) -> str:
        if isinstance(body, str):
            return self.variables.fill(body, place)
        if body is None or body == {}:
            self.remarks.mended("an empty body is sent as none", place)
            return ""
        self.remarks.mended("a body that is no text is sent as its JSON text", place)
        return self.variables.fill(json.dumps(body, ensure_ascii=False, default=str), place)

    def _typed(self, headers: dict[str, str], body: Any) -> dict[str, str]:
        """Say that a body is JSON where nobody said what it is."""
        named = any(name.lower() == "content-type" for name in headers)
        if isinstance(body, str | None) or body == {} or named:
            return headers
        return {**headers, "Content-Type": _JSON}
