"""Fills a new Tryton database named `parts`: a company, two parties, the parts as products, and their stock.

    python seed.py CONFIGURATION

Each part is a product whose code is its `partId`; what is on hand lies in the storage zone since 2024-01-02.
Part P-0005 has 5 on hand, of which an assigned internal shipment holds 3, so that 2 can still be had. The user
`admin` works for the company; a user `reader` may log in and has no groups, so that writes are refused to it.
"""
import datetime
import json
import sys
from decimal import Decimal
from pathlib import Path

from trytond.config import config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402  (it reads the configuration)
from trytond.transaction import Transaction, TransactionError  # noqa: E402

PARTS = json.loads((Path(__file__).resolve().parent.parent / "parts.json").read_text(encoding="utf-8"))
BEGIN = datetime.date(2024, 1, 2)

Pool.start()
pool = Pool("parts")
pool.init()


def get(name):
    return pool.get(name)


def company():
    euro, = get("currency.currency").create([{
        "name": "Euro", "symbol": "€", "code": "EUR", "numeric_code": "978", "digits": 2,
        "rounding": Decimal("0.01"), "rates": [("create", [{"date": BEGIN, "rate": Decimal(1)}])]}])
    party = get("party.party")
    own, workshop, customer = party.create([
        {"name": "Depot", "code": "DEPOT", "addresses": [("create", [{"street": "Yard 1", "city": "Hamlet"}])]},
        {"name": "Workshop North", "code": "NORTH", "addresses": [("create", [{"city": "Upton"}])]},
        {"name": "Bus Lines & Sons", "code": "LINES", "addresses": [("create", [{"city": "Weston"}])]}])
    made, = get("company.company").create([{"party": own.id, "currency": euro.id, "timezone": "UTC"}])
    return made


def users(made):
    user = get("res.user")
    admin, = user.search([("login", "=", "admin")])
    user.write([admin], {"companies": [("add", [made.id])], "company": made.id})
    user.create([{
        "name": "Reader", "login": "reader", "password": "reader-of-parts",
        "companies": [("add", [made.id])], "company": made.id}])


def products():
    unit, = get("product.uom").search([("symbol", "=", "u")])
    names = sorted({part["category"] for part in PARTS})
    categories = dict(zip(names, get("product.category").create([{"name": name} for name in names])))
    templates = get("product.template").create([{
        "name": part["name"], "type": "goods", "default_uom": unit.id, "list_price": Decimal(part["price"]),
        "categories": [("add", [categories[part["category"]].id])], "active": part["active"],
        "products": [("create", [{
            "suffix_code": part["partId"], "description": part["note"], "active": part["active"]}])],
        } for part in PARTS])
    with Transaction().set_context(active_test=False):
        made = get("product.product").search([("template", "in", [template.id for template in templates])])
    return unit, {product.code: product for product in made}


def location(code):
    return get("stock.location").search([("code", "=", code)])[0]


def stock(made, unit, known):
    move = get("stock.move")
    moves = move.create([{
        "product": known[part["partId"]].id, "unit": unit.id, "quantity": part["stock"], "company": made.id,
        "from_location": location("SUP").id, "to_location": location("STO").id, "planned_date": BEGIN,
        "effective_date": BEGIN, "unit_price": Decimal(part["price"]), "currency": made.currency.id,
        } for part in PARTS if part["stock"] > 0])
    move.do(moves)


def reservation(made, unit, known):
    bench, = get("stock.location").create([{
        "name": "Workshop North", "code": "NORTH", "type": "storage", "parent": location("WH").id}])
    shipment = get("stock.shipment.internal")
    held, = shipment.create([{
        "reference": "HELD", "company": made.id, "planned_date": BEGIN, "planned_start_date": BEGIN,
        "from_location": location("STO").id, "to_location": bench.id,
        "moves": [("create", [{
            "product": known["P-0005"].id, "unit": unit.id, "quantity": 3, "company": made.id,
            "from_location": location("STO").id, "to_location": bench.id, "planned_date": BEGIN}])]}])
    shipment.wait([held])
    return held.id


def assign(held):
    shipment = get("stock.shipment.internal")(held)
    shipment.assign_try()
    if shipment.state != "assigned":
        raise SystemExit(f"the reservation is {shipment.state}, not assigned")


with Transaction().start("parts", 1, context={"active_test": True}) as transaction:
    made = company()
    users(made)
    transaction.commit()

with Transaction().start("parts", 1, context={"company": made.id, "companies": [made.id]}) as transaction:
    made = get("company.company")(made.id)
    unit, known = products()
    stock(made, unit, known)
    held = reservation(made, unit, known)
    transaction.commit()

# To assign asks for a transaction that begins with a lock on the moves, and says so by an error.
wanted = {}
while True:
    try:
        with Transaction().start("parts", 1, context={"company": made.id}, **wanted) as transaction:
            assign(held)
            transaction.commit()
            break
    except TransactionError as error:
        error.fix(wanted)
