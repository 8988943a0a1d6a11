// Apollo Server on its adapter for Lambda. It keeps parsed documents itself.

import { ApolloServer } from "@apollo/server";
import { handlers, startServerAndCreateLambdaHandler } from "@as-integrations/aws-lambda";
import { resolvers, typeDefs } from "./sample.mjs";
import { serve } from "./serving.mjs";

process.env.NODE_ENV = "production";
const handler = startServerAndCreateLambdaHandler(
  new ApolloServer({ typeDefs, resolvers }),
  handlers.createAPIGatewayProxyEventV2RequestHandler(),
);

await serve({ answer: ({ event }) => async () => (await handler(event, {}, () => {})).body });
