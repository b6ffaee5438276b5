/** A JSON Schema 2020-12, as OpenAPI 3.1 carries it. */
export type JsonSchema = { [keyword: string]: unknown };
