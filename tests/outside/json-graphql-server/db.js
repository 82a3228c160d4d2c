// What json-graphql-server serves. Its schema is guessed from these values: a text with three digits of
// milliseconds becomes a `Date`, and a member that some record lacks (or has as null) becomes nullable.
// It gives out the `id` of a new record itself (the last one's and 1), so that `id` is a number here, and the
// number that people know is another member.
const parts = require("../parts.json");

module.exports = {
  parts: parts.map((part, at) => ({
    id: at + 1,
    partNo: part.partId,
    title: part.name,
    category: part.category.toUpperCase(),
    price: Number(part.price),
    stock: part.stock,
    active: part.active,
    added: part.addedAt.replace("Z", ".000Z"),
    note: part.note,
    fits: part.fits,
  })),
};
