// What the servers in JavaScript serve, from memory: the same as sample.py.

export const typeDefs = `
  type Row { id: ID! name: String! price: Float! volume: Int! active: Boolean! note: String }
  type Issuer { id: ID! name: String! country: String! }
  type Market { code: String! city: String! open: Boolean! }
  type Listing {
    id: ID! symbol: String! name: String! price: Float! change: Float! volume: Int! active: Boolean! note: String
    issuer: Issuer! market: Market!
  }
  type Residence { city: String! country: String! }
  type User { id: ID! name: String! email: String! address: Residence! }
  type Tick { name: String! price: String! volume: Int! }
  type Occurrence { node: Tick }
  type Query { rows(first: Int!): [Row!] listings(first: Int!): [Listing!] user(id: ID!): User }
  type Subscription { ticked: Occurrence! }
`;

const rows = Array.from({ length: 100 }, (_, n) => ({
  id: `row_${n}`,
  name: `Row number ${n}`,
  price: n / 4,
  volume: 1000 * n,
  active: n % 3 === 0,
  note: n % 2 ? null : `note ${n}`,
}));

const listings = Array.from({ length: 100 }, (_, n) => ({
  id: `listing_${n}`,
  symbol: `SYM${n}`,
  name: `Common shares of company number ${n}`,
  price: n / 4,
  change: n / 8 - 6,
  volume: 1000 * n,
  active: n % 3 === 0,
  note: n % 2 ? null : `A note on listing ${n}`,
  issuer: { id: `issuer_${n}`, name: `Company number ${n}`, country: "PT" },
  market: { code: `MKT${n % 7}`, city: "Lisbon", open: n % 7 < 4 },
}));

const users = new Map(
  Array.from({ length: 10 }, (_, n) => [
    `user_${n}`,
    { id: `user_${n}`, name: `User ${n}`, email: `user${n}@example.com`, address: { city: "Lisbon", country: "PT" } },
  ]),
);

export const resolvers = {
  Query: {
    rows: (_, { first }) => rows.slice(0, first),
    listings: (_, { first }) => listings.slice(0, first),
    user: (_, { id }) => users.get(id) ?? null,
  },
};
