"""A SOAP 1.1 service for parts, document/literal, in memory; the WSDL is at `/?wsdl`.

    python service.py PORT
"""
import json
import sys
from decimal import Decimal
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if sys.version_info >= (3, 12):
    # The copy of six that spyne brings gives its moved modules no longer; these are what spyne asks it for.
    import collections.abc
    import http.cookies
    import urllib.error
    import urllib.parse
    import urllib.request

    for name, module in {
            "collections_abc": collections.abc, "http_cookies": http.cookies, "urllib": urllib,
            "urllib.error": urllib.error, "urllib.parse": urllib.parse, "urllib.request": urllib.request}.items():
        sys.modules[f"spyne.util.six.moves.{name}"] = module

from dateutil.parser import isoparse
from spyne import Application, Array, Boolean, ComplexModel, DateTime, Fault, Integer, ServiceBase, Unicode, rpc
from spyne import Decimal as Number
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

NAMESPACE = "urn:example:parts:1"
CODES = {"brakes": "BR", "engine": "EN", "filters": "FI", "body": "BO"}


class Part(ComplexModel):
    """A part as the service knows it. `Note` is nil where there is none; `Fits` may be left out."""

    __namespace__ = NAMESPACE
    _type_info = [
        ("PartNo", Unicode(min_occurs=1, nillable=False, pattern="P-[0-9]{4}")),
        ("Name", Unicode(min_occurs=1, nillable=False, max_len=60)),
        ("Group", Unicode(min_occurs=1, nillable=False, values=list(CODES.values()))),
        ("Price", Number(10, 2, min_occurs=1, nillable=False)),
        ("OnHand", Integer(min_occurs=1, nillable=False)),
        ("Active", Boolean(min_occurs=1, nillable=False)),
        ("Added", DateTime(min_occurs=1, nillable=False)),
        ("Note", Unicode(min_occurs=1, nillable=True)),
        ("Fits", Array(Unicode, member_name="Vehicle", min_occurs=0)),
    ]


class PartPage(ComplexModel):
    """Some parts, and how many there are."""

    __namespace__ = NAMESPACE
    _type_info = [("Total", Integer(min_occurs=1)), ("Parts", Array(Part, min_occurs=1))]


def read(part):
    return Part(
        PartNo=part["partId"], Name=part["name"], Group=CODES[part["category"]], Price=Decimal(part["price"]),
        OnHand=part["stock"], Active=part["active"], Added=isoparse(part["addedAt"]), Note=part["note"],
        Fits=part["fits"])


SOURCE = Path(__file__).resolve().parent.parent / "parts.json"
PARTS = {part["partId"]: read(part) for part in json.loads(SOURCE.read_text(encoding="utf-8"))}


def known(number):
    if number not in PARTS:
        raise Fault("Client.NoSuchPart", f"There is no part {number}.")
    return PARTS[number]


class Parts(ServiceBase):
    """Lists begin at `First`, counted from 1; without `Count` they end with the last part."""

    @rpc(Integer(min_occurs=0), Integer(min_occurs=0), Unicode(min_occurs=0), _returns=PartPage)
    def ListParts(ctx, First, Count, Group):
        found = [PARTS[key] for key in sorted(PARTS) if Group is None or PARTS[key].Group == Group]
        start = max(First or 1, 1) - 1
        return PartPage(Total=len(found), Parts=found[start:None if Count is None else start + Count])

    @rpc(Unicode(min_occurs=1), _returns=Part)
    def GetPart(ctx, PartNo):
        return known(PartNo)

    @rpc(Part.customize(min_occurs=1), _returns=Part)
    def AddPart(ctx, Part):
        if Part.PartNo in PARTS:
            raise Fault("Client.PartExists", f"Part {Part.PartNo} exists.")
        PARTS[Part.PartNo] = Part
        return Part

    @rpc(Part.customize(min_occurs=1), _returns=Part)
    def UpdatePart(ctx, Part):
        known(Part.PartNo)
        PARTS[Part.PartNo] = Part
        return Part

    @rpc(Unicode(min_occurs=1), _returns=Boolean)
    def DeletePart(ctx, PartNo):
        del PARTS[known(PartNo).PartNo]
        return True


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    soap = Application([Parts], NAMESPACE, name="Parts", in_protocol=Soap11(validator="lxml"), out_protocol=Soap11())
    make_server("127.0.0.1", int(sys.argv[1]), WsgiApplication(soap), Server, Silent).serve_forever()
