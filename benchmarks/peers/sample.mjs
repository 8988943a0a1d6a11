// What the servers in JavaScript serve, from memory: the same as sample.py.

export const typeDefs = `
  type Row { id: ID! name: String! price: Float! volume: Int! active: Boolean! note: String }
  type Residence { city: String! country: String! }
  type User { id: ID! name: String! email: String! address: Residence! }
  type Tick { name: String! price: String! volume: Int! }
  type Occurrence { node: Tick }
  type Query { rows(first: Int!): [Row!] user(id: ID!): User }
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

const users = new Map(
  Array.from({ length: 10 }, (_, n) => [
    `user_${n}`,
    { id: `user_${n}`, name: `User ${n}`, email: `user${n}@example.com`, address: { city: "Lisbon", country: "PT" } },
  ]),
);

export const resolvers = {
  Query: {
    rows: (_, { first }) => rows.slice(0, first),
    user: (_, { id }) => users.get(id) ?? null,
  },
};
