// Apollo Server on its adapter for Lambda. It keeps parsed documents itself.

import { ApolloServer } from "@apollo/server";
import { handlers, startServerAndCreateLambdaHandler } from "@as-integrations/aws-lambda";
import { serve } from "./serving.mjs";

process.env.NODE_ENV = "production";
const { resolvers, typeDefs } = await import(process.env.BENCH_CAPTURED ? "./captured.mjs" : "./sample.mjs");
const handler = startServerAndCreateLambdaHandler(
  new ApolloServer({ typeDefs, resolvers }),
  handlers.createAPIGatewayProxyEventV2RequestHandler(),
);

await serve({ answer: ({ event }) => async () => (await handler(event, {}, () => {})).body });
