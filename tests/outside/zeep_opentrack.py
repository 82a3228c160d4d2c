"""Reads and writes the parts service with zeep 4.3, a SOAP client that knows nothing of it but its WSDL.

    pip install 'zeep==4.3.*'
    python zeep_opentrack.py http://127.0.0.1:4205/Parts.asmx portico portico

Prints a line with OK for each thing that holds and ends with 1 at the first that does not. What it writes it takes away
again, but for one released reservation. Every answer is also validated against the schemas that the service serves.
"""

import datetime
import re
import secrets
import sys
from decimal import Decimal
from urllib.parse import urljoin

import requests
from lxml import etree
from zeep import Client, Plugin, Settings, xsd
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

DEALER = {"CompanyNumber": "PH7", "EnterpriseCode": "PH", "ServerName": ""}
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"


def ok(what, got, expected=True):
    if got != expected:
        print(f"DIFFERENT {what}: {got!r}, expected {expected!r}")
        sys.exit(1)
    print(f"OK {what}")


class Schemas(etree.Resolver):
    """Follows the schemas' relative imports to the service."""

    def __init__(self, wsdl):
        super().__init__()
        self.wsdl = wsdl

    def resolve(self, address, _id, context):
        return self.resolve_string(requests.get(urljoin(self.wsdl, address), timeout=10).content, context, base_url=self.wsdl)

    def load(self):
        parser = etree.XMLParser()
        parser.resolvers.add(self)
        wsdl = etree.fromstring(requests.get(self.wsdl, timeout=10).content)
        location = wsdl.find(".//{http://www.w3.org/2001/XMLSchema}import").get("schemaLocation")
        ok("the schema's address is relative", location.startswith("http"), False)
        text = requests.get(urljoin(self.wsdl, location), timeout=10).content
        return etree.XMLSchema(etree.fromstring(text, parser, base_url=self.wsdl))


class Validate(Plugin):
    """Holds every request and answer against the schemas."""

    def __init__(self, schema):
        self.schema = schema
        self.seen = 0
        self.invalid_requests_expected = False

    def check(self, envelope, what):
        body = next(child for child in envelope if etree.QName(child).localname == "Body")
        if etree.QName(body[0]).localname == "Fault":
            return
        alone = etree.fromstring(etree.tostring(body[0]))
        if not self.schema.validate(alone):
            ok(f"{what} is valid: {self.schema.error_log}", False)
        self.seen += 1

    def egress(self, envelope, http_headers, operation, binding_options):
        if not self.invalid_requests_expected:
            self.check(envelope, "a request")
        return envelope, http_headers

    def ingress(self, envelope, http_headers, operation):
        self.check(envelope, "an answer")
        return envelope, http_headers


def part(number, **changes):
    fields = {
        "PartNumber": number,
        "Description": 'Gasket & seal, 3/8" <left>',
        "CategoryCode": "E",
        "SupplierId": "0107",
        "ListPrice": Decimal("12.5"),
        "Cost": Decimal("7.01"),
        "Weight": xsd.Nil,
        "Hazardous": "N",
        "SupersededBy": xsd.Nil,
        "Notes": "",
        "Fits": {"Vehicle": [{"Make": "Ford", "Model": "E-450", "YearFrom": 2009, "YearTo": xsd.Nil}]},
        "DateAdded": datetime.datetime(2024, 2, 29, 12, 0, 0),
    }
    fields.update(changes)
    return fields


def fault_of(call):
    try:
        call()
    except Fault as fault:
        return fault
    return None


def lists(service, dealer):
    parts = service.PartsSearch(Dealer=dealer, SearchParms={}).Parts.Part
    ok("180 parts or more, without pages", len(parts) >= 180)
    numbers = [one.PartNumber for one in parts]
    ok("parts come by number", numbers, sorted(numbers))
    ok("some were never sold", any(one.DateLastSold == 0 for one in parts))
    ok("dates are decimals", all(re.fullmatch(r"0|[12]\d{7}", str(one.DateLastSold)) for one in parts))
    ok("some have no weight", any(one.Weight is None for one in parts))
    ok("what is available is on hand and not held", all(one.QuantityAvailable == one.QuantityOnHand - one.QuantityReserved for one in parts))
    ok("bins make up what is on hand", all(one.QuantityOnHand == sum(b.Quantity for b in (one.Bins.Bin if one.Bins else [])) for one in parts))
    one = service.PartsSearch(Dealer=dealer, SearchParms={"PartNumber": "GL-1044"}).Parts.Part
    ok("one part is a list of one", [found.PartNumber for found in one], ["GL-1044-BP"])
    none = service.PartsSearch(Dealer=dealer, SearchParms={"PartNumber": "NONE"})
    # zeep drops the chosen element of a choice when that is empty; the schemas have seen that it was there.
    ok("no part is an empty list and no error", "Error" in none or bool("Parts" in none and none.Parts), False)
    ford = {"Fits": {"Make": "ford", "Model": "Transit 350", "Year": 2020}, "Active": True, "AvailableAtLeast": 1}
    found = service.PartsSearch(Dealer=dealer, SearchParms=ford).Parts.Part
    ok("a search by vehicle, state and stock finds some", 0 < len(found) < len(parts))
    day = datetime.datetime.strptime(str(one[0].DateChanged), "%Y%m%d")
    changed = service.PartsSearch(Dealer=dealer, SearchParms={"ChangedFrom": day, "ChangedTo": day}).Parts.Part
    ok("dates go in as dateTime", "GL-1044-BP" in [found.PartNumber for found in changed])
    suppliers = service.SupplierSearch(Dealer=dealer, SearchParms={}).Suppliers.Supplier
    ok("nine suppliers", len(suppliers), 9)
    ok("ids keep their zeros", suppliers[0].SupplierId, "0107")
    orders = service.OrderSearch(Dealer=dealer, SearchParms={}).Orders.Order
    ok("60 orders with lines", (len(orders), all(order.Lines.OrderLine for order in orders)), (60, True))
    total = sum(line.Quantity * line.UnitCost for line in orders[0].Lines.OrderLine)
    ok("an order's total is that of its lines", orders[0].Total, total)
    ok("one order", service.OrderLookup(Dealer=dealer, LookupParms={"OrderNumber": "PO24001"}).Order.OrderNumber, "PO24001")
    shipments = service.ShipmentSearch(Dealer=dealer, SearchParms={"Status": "DL"}).Shipments.Shipment
    ok("delivered shipments have their day", bool(shipments) and all(one.DateDelivered > 20250000 for one in shipments))
    number = shipments[0].ShipmentNumber
    ok("one shipment", service.ShipmentLookup(Dealer=dealer, LookupParms={"ShipmentNumber": number}).Shipment.OrderNumber, shipments[0].OrderNumber)


def part_round_trip(service, dealer, number):
    added = service.PartAdd(Dealer=dealer, Part=part(number))
    ok("a part is added", (added.Error, added.Success.Key.isdigit()), (None, True))
    key = {"PartId": int(added.Success.Key)}
    back = service.PartLookup(Dealer=dealer, LookupParms=key).Part
    ok("it comes back by its id", (back.PartNumber, back.Id), (number, key["PartId"]))
    ok("texts keep their marks", back.Description, 'Gasket & seal, 3/8" <left>')
    ok("amounts keep their digits", (str(back.ListPrice), str(back.Cost)), ("12.50", "7.01"))
    ok("nil stays nil", (back.Weight, back.SupersededBy, back.Fits.Vehicle[0].YearTo), (None, None, None))
    ok("a dateTime comes out as a decimal", (back.DateAdded, back.DateLastSold), (20240229, 0))
    changed = service.PartUpdate(Dealer=dealer, LookupParms={"PartNumber": number},
                                 Part=part(number, Weight=Decimal("0.35"), SupersededBy="GL-1044-BP", Notes=xsd.SkipValue, Cost=xsd.SkipValue, Fits={}, Active=False))
    ok("it is changed", changed.Error, None)
    back = service.PartLookup(Dealer=dealer, LookupParms={"PartNumber": number}).Part
    ok("the change is there", (str(back.Weight), back.SupersededBy, back.Active), ("0.35", "GL-1044-BP", False))
    ok("what was left out stayed", str(back.Cost), "7.01")
    again = service.PartAdd(Dealer=dealer, Part=part(number))
    ok("a number is had once", (again.Error.Code, again.Error.Field), ("Duplicate", "PartNumber"))
    wrong = service.PartUpdate(Dealer=dealer, LookupParms=key, Part=part(number, SupplierId="9999"))
    ok("a wrong field is named", (wrong.Error.Code, wrong.Error.Field), ("InvalidField", "SupplierId"))
    gone = service.PartDelete(Dealer=dealer, LookupParms=key)
    ok("it is deleted", gone.Error, None)
    missing = service.PartLookup(Dealer=dealer, LookupParms=key)
    ok("and then is not found, in an answer", (missing.Part, missing.Error.Code), (None, "NotFound"))


def stock(service, dealer):
    key = {"PartNumber": "GL-1044-BP"}
    before = service.PartStock(Dealer=dealer, LookupParms=key).Stock
    ok("5 on hand and 3 held", (before.QuantityOnHand, before.QuantityReserved, before.QuantityAvailable), (5, 3, 2))
    ok("the first bin is the primary one", [bin.Primary for bin in before.Bins.Bin], [True, None])
    reference = "zeep-" + secrets.token_hex(6)
    wanted = {**key, "Quantity": 9, "Reference": reference}
    refused = service.PartReserve(Dealer=dealer, Reservation=wanted)
    ok("9 cannot be held, and 2 can", (refused.Reservation, refused.Error.Code, refused.Error.Available), (None, "InsufficientStock", 2))
    wanted["Quantity"] = 2
    held = service.PartReserve(Dealer=dealer, Reservation=wanted).Reservation
    again = service.PartReserve(Dealer=dealer, Reservation=wanted).Reservation
    ok("asked twice it is held once", (held.Id, held.Status), (again.Id, "A"))
    ok("nothing is left", service.PartStock(Dealer=dealer, LookupParms=key).Stock.QuantityAvailable, 0)
    out = {**key, "Location": "A-01-3", "QuantityChange": -1, "Reason": "SALE"}
    ok("what is held is not sold", service.StockAdjust(Dealer=dealer, Adjustment=out).Error.Available, 0)
    ok("it is released", service.PartRelease(Dealer=dealer, ReleaseParms={"Reference": reference}).Error, None)
    ok("once", service.PartRelease(Dealer=dealer, ReleaseParms={"Reference": reference}).Error.Code, "AlreadyReleased")
    into = {**key, "Location": "A-01-3", "QuantityChange": 4, "Reason": "RECEIPT"}
    ok("a receipt is booked", service.StockAdjust(Dealer=dealer, Adjustment=into).Stock.QuantityOnHand, 9)
    into.update(QuantityChange=-4, Reason="COUNT")
    ok("and taken back", service.StockAdjust(Dealer=dealer, Adjustment=into).Stock.QuantityAvailable, 2)


def supplier_round_trip(service, dealer, name):
    supplier = {
        "Name": name, "ContactName": xsd.Nil, "Email": "parts@example.com",
        "Address": {"Street": "1 Main St", "City": "Erie", "Region": "PA", "PostalCode": "16501", "Country": "US"},
        "LeadDays": 4, "Terms": "NET30", "Active": True,
    }
    key = {"SupplierId": service.SupplierAdd(Dealer=dealer, Supplier=supplier).Success.Key}
    back = service.SupplierLookup(Dealer=dealer, LookupParms=key).Supplier
    ok("a supplier is added", (back.Name, back.ContactName, back.Phone, back.LeadDays, back.DateLastOrder), (name, None, None, 4, 0))
    supplier.update(ContactName="Ann Ivory", LeadDays=xsd.Nil, Active=False)
    ok("and changed", service.SupplierUpdate(Dealer=dealer, LookupParms=key, Supplier=supplier).Error, None)
    back = service.SupplierLookup(Dealer=dealer, LookupParms=key).Supplier
    ok("the change is there", (back.ContactName, back.LeadDays, back.Active), ("Ann Ivory", None, False))
    ok("and deleted", service.SupplierDelete(Dealer=dealer, LookupParms=key).Error, None)
    used = service.SupplierDelete(Dealer=dealer, LookupParms={"SupplierId": "0107"})
    ok("one with parts is not", used.Error.Code, "InUse")


def main(address, user, password):
    wsdl = address + "?wsdl"
    schema = Schemas(wsdl).load()
    suffix = secrets.token_hex(4).upper()

    def client(port, plugin, token):
        made = Client(wsdl, wsse=token, plugins=[plugin], settings=Settings(strict=True))
        return made.bind("PartsApi", port)

    text, digest = UsernameToken(user, password), UsernameToken(user, password, use_digest=True)
    plugin = Validate(schema)
    for name, port, token in (("SOAP 1.1, digest", "PartsApiSoap", digest), ("SOAP 1.2, text", "PartsApiSoap12", text)):
        print(f"-- {name}")
        service = client(port, plugin, token)
        lists(service, DEALER)
        part_round_trip(service, DEALER, f"ZEEP-{suffix}")
        stock(service, DEALER)
        supplier_round_trip(service, DEALER, f"Zeep & Co {suffix}")

    print("-- what is refused")
    service = client("PartsApiSoap", plugin, digest)
    other = service.PartsSearch(Dealer={**DEALER, "CompanyNumber": "ZE7"}, SearchParms={})
    ok("another dealer is an error in an answer", (other.Parts, other.Error.Code), (None, "InvalidDealer"))
    stranger = client("PartsApiSoap", plugin, UsernameToken(user, password + "x", use_digest=True))
    fault = fault_of(lambda: stranger.PartsSearch(Dealer=DEALER, SearchParms={}))
    ok("a wrong password is a fault", fault and fault.code, "wsse:FailedAuthentication")
    stranger = client("PartsApiSoap12", plugin, UsernameToken(user, password + "x"))
    fault = fault_of(lambda: stranger.PartsSearch(Dealer=DEALER, SearchParms={}))
    ok("over 1.2 with a subcode", fault and [(code.namespace, code.localname) for code in fault.subcodes], [(WSSE, "FailedAuthentication")])
    old = UsernameToken(user, password, use_digest=True, created=datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1))
    fault = fault_of(lambda: client("PartsApiSoap", plugin, old).PartsSearch(Dealer=DEALER, SearchParms={}))
    ok("an old token is a fault", fault and fault.code, "wsse:FailedAuthentication")
    same = UsernameToken(user, password, use_digest=True, nonce=secrets.token_hex(8))
    twice = client("PartsApiSoap", plugin, same)
    ok("a nonce is taken", twice.PartsSearch(Dealer=DEALER, SearchParms={"PartNumber": "GL-1044"}).Error, None)
    fault = fault_of(lambda: twice.PartsSearch(Dealer=DEALER, SearchParms={"PartNumber": "NONE"}))
    ok("once", fault and fault.code, "wsse:FailedAuthentication")
    plugin.invalid_requests_expected = True
    fault = fault_of(lambda: service.PartAdd(Dealer=DEALER, Part=part(f"ZEEP-{suffix}", CategoryCode="Q")))
    ok("a letter that is none is a fault", fault and (fault.code, "CategoryCode" in fault.message), ("soap:Client", True))
    ok("many messages were valid by the schema", plugin.seen > 100)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
