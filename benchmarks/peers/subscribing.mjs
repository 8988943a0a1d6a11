// graphql-js, the reference implementation: one event for each of many subscriptions, each executed by itself.

import { buildSchema, parse, subscribe, validate } from "graphql";
import { typeDefs } from "./sample.mjs";
import { serve } from "./serving.mjs";

const schema = buildSchema(typeDefs);

class Events {
  waiting = [];
  next() {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  tell(value) {
    this.waiting.shift()({ value, done: false });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}

const audiences = new Map();

async function audience(size, document) {
  const members = [];
  for (let n = 0; n < size; n++) {
    const events = new Events();
    members.push({ events, stream: await subscribe({ schema, document, rootValue: { ticked: () => events } }) });
  }
  return members;
}

await serve({
  deliver: async ({ followers, document: text }) => {
    if (!audiences.has(followers)) {
      const document = parse(text);
      if (validate(schema, document).length) throw new Error("the document is not valid");
      audiences.set(followers, await audience(followers, document));
    }
    const members = audiences.get(followers);
    return async () => {
      const heard = members.map(({ stream }) => stream.next());
      for (const { events } of members)
        events.tell({ ticked: { node: { name: "ACME", price: "1.5", volume: 100 } } });
      const texts = [];
      for (const next of heard) texts.push(JSON.stringify({ data: (await next).value.data }));
      return texts.at(-1);
    };
  },
});
