// What the servers in JavaScript serve of a schema that is not theirs: its SDL, and what its root fields answered once, as
// plain objects, each in a promise. File: BENCH_CAPTURED.

import { readFileSync } from "node:fs";

const { sdl, roots } = JSON.parse(readFileSync(process.env.BENCH_CAPTURED, "utf8"));

export const typeDefs = sdl;
export const resolvers = Object.fromEntries(
  Object.entries(roots).map(([root, fields]) => [
    root,
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, async () => value])),
  ]),
);
