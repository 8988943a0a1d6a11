// Mercurius with graphql-jit on Fastify, behind Fastify's adapter for Lambda.

import awsLambdaFastify from "@fastify/aws-lambda";
import Fastify from "fastify";
import mercurius from "mercurius";
import { serve } from "./serving.mjs";

process.env.NODE_ENV = "production";
const { resolvers, typeDefs } = await import(process.env.BENCH_CAPTURED ? "./captured.mjs" : "./sample.mjs");
const app = Fastify();
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 });
const handler = awsLambdaFastify(app);
await app.ready();

await serve({ answer: ({ event }) => async () => (await handler(event, {})).body });
