// Serves the table `Parts` from dynalite's memory. The port opens when all items are in.
//
//   node serve.js PORT      (NODE_PATH names the folder with the package)
//
// Key: `PartId`. Index `InOrder` gives all parts by `PartId`, index `ByCategory` those of one category.
// A part without a note has no such attribute; a part that fits nothing has an empty list.
const http = require("http");
const dynalite = require("dynalite");
const parts = require("../parts.json");

const store = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
const handle = (request, response) => store.emit("request", request, response);

function call(port, operation, body) {
  const headers = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": `DynamoDB_20120810.${operation}`,
    "X-Amz-Date": "20240101T000000Z",
    Connection: "close",
    Authorization: "AWS4-HMAC-SHA256 Credential=seed, SignedHeaders=host, Signature=seed",
  };
  return new Promise((done, failed) => {
    const request = http.request({ host: "127.0.0.1", port, method: "POST", headers }, (answer) => {
      let text = "";
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () =>
        answer.statusCode === 200 ? done(JSON.parse(text)) : failed(new Error(`${operation}: ${text}`)),
      );
    });
    request.on("error", failed);
    request.end(JSON.stringify(body));
  });
}

const index = (name, hash, range) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
});

const table = {
  TableName: "Parts",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["PartId", "Kind", "Category"].map((name) => ({ AttributeName: name, AttributeType: "S" })),
  KeySchema: [{ AttributeName: "PartId", KeyType: "HASH" }],
  GlobalSecondaryIndexes: [index("InOrder", "Kind", "PartId"), index("ByCategory", "Category", "PartId")],
};

const item = (part) => ({
  PartId: { S: part.partId },
  Kind: { S: "part" },
  Name: { S: part.name },
  Category: { S: part.category },
  Price: { N: part.price },
  Stock: { N: String(part.stock) },
  Active: { BOOL: part.active },
  AddedAt: { N: String(Date.parse(part.addedAt) / 1000) },
  ...(part.note === null ? {} : { Note: { S: part.note } }),
  Fits: { L: part.fits.map((name) => ({ S: name })) },
});

async function seed(port) {
  await call(port, "CreateTable", table);
  let state = "CREATING";
  while (state !== "ACTIVE") {
    state = (await call(port, "DescribeTable", { TableName: "Parts" })).Table.TableStatus;
  }
  for (let from = 0; from < parts.length; from += 25) {
    const puts = parts.slice(from, from + 25).map((part) => ({ PutRequest: { Item: item(part) } }));
    await call(port, "BatchWriteItem", { RequestItems: { Parts: puts } });
  }
}

const inside = http.createServer(handle).listen(0, "127.0.0.1", async () => {
  try {
    await seed(inside.address().port);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
  inside.close();
  http.createServer(handle).listen(Number(process.argv[2]), "127.0.0.1");
});
