// What json-server serves: the parts as plain records. A part without a note has no such member.
const parts = require("../parts.json");

module.exports = () => ({
  parts: parts.map(({ partId, price, note, ...rest }) => ({
    id: partId,
    ...rest,
    price: Number(price),
    ...(note === null ? {} : { note }),
  })),
});
