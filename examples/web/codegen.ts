// Types for every operation in src/**/*.graphql, made from the schema that the server keeps to: `npm run codegen`.
import type { CodegenConfig } from '@graphql-codegen/cli';

// A scalar that is new to the schema has to be added here: without a type for it nothing is generated.
// Amounts are strings, since a number of JavaScript would lose digits; hex is what viem takes.
const scalars = {
  Address: '`0x${string}`',
  BigInt: 'string',
  Bytes32: '`0x${string}`',
  ChainId: 'number',
  DateTime: 'string',
  Decimal: 'string',
  Hex: '`0x${string}`',
  ID: 'string',
  JSON: 'unknown',
  TxHash: '`0x${string}`',
  URL: 'string',
};

/** The same for any client in TypeScript: `documents` and `output` are relative to the folder it is run in. */
export function typedDocuments(schema: string, documents: string, output: string): CodegenConfig {
  return {
    schema,
    documents,
    generates: {
      [output]: {
        plugins: ['typescript-operations', 'typed-document-node'],
        config: {
          scalars,
          strictScalars: true,
          arrayInputCoercion: false,
          // What the schema calls open grows without notice: a `switch` has to have a default.
          futureProofEnums: true,
          immutableTypes: true,
          // Only what a document selects is there; one that selects __typename gets a union that narrows by it.
          skipTypename: true,
          useTypeImports: true,
        },
      },
    },
  };
}

export default typedDocuments('../../schema/schema.graphql', 'src/**/*.graphql', 'src/generated/graphql.ts');
