"""An application made with Werkzeug's decorator is a WSGI application, though it shows the signature of a function."""

import random

from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response as WebResponse

from seqtest.actors import Part
from seqtest.actors.application import Application, factory
from seqtest.clock import Clock
from seqtest.exchange import Request


class Shop:
    @WebRequest.application
    def __call__(self, request: WebRequest) -> WebResponse:
        return WebResponse(f"you asked for {request.path}")


@WebRequest.application
def shop(request: WebRequest) -> WebResponse:
    return WebResponse(f"you asked for {request.path}")


def test_both_ways_of_decorating_are_wsgi() -> None:
    """A decorated function and an object with a decorated `__call__` answer requests."""
    for binding in (shop, Shop()):
        actor = factory(binding)(Part("shop", "https://shop.test", {}, {}, Clock(0), None, random.Random(1)))

        assert isinstance(actor, Application)
        assert actor.handle(Request("GET", "https://shop.test/cakes")).body == b"you asked for /cakes"
