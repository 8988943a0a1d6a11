import { typedDocuments } from '../../../examples/web/codegen.ts';

const here = import.meta.dirname;

export default typedDocuments(
  `${here}/../../../schema/schema.graphql`,
  `${here}/operations.graphql`,
  `${here}/generated/graphql.ts`,
);
