// Compiles the schemas of the events as strictly as Ajv can: node schemas.js DIRECTORY. Keywords that begin with x- are
// notes for people and for the generator of csatflow; whoever is strict names them, as here.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

const [directory] = process.argv.slice(2);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: false });
formats.default(ajv);
ajv.addVocabulary(["x-label-zh", "x-values-zh", "x-values", "x-key", "x-given", "x-apart", "x-words"]);
const schemas = readdirSync(directory)
  .filter(name => name.endsWith(".schema.json"))
  .map(name => JSON.parse(readFileSync(join(directory, name), "utf8")));
ajv.addSchema(schemas);
for (const { $id } of schemas) {
  ajv.getSchema($id);
  console.log($id);
}
