// CQL to ELM, by the translator of the CQL reference implementation (npm's @cqframework/cql).
//   node translate.mjs LIBRARY.cql HERE OUT      run where node_modules is
//   HERE: FHIRHelpers.cql and system-modelinfo.xml; writes OUT/LIBRARY.json and OUT/FHIRHelpers.json
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, here, out] = process.argv.slice(2);
const installed = path.join(process.cwd(), 'node_modules');
const translator = path.join(installed, '@cqframework/cql/cql-to-elm.mjs');
const { CqlCompilerOptions, CqlTranslator, LibraryManager, ModelManager, createLibrarySourceProvider, createModelInfoProvider,
  createUcumService, stringAsSource } = await import(pathToFileURL(translator));

const read = (name) => stringAsSource(fs.readFileSync(name, 'utf8'));
const models = new ModelManager();
models.modelInfoLoader.registerModelInfoProvider(createModelInfoProvider((id, _, version) => (id === 'System'
  ? read(path.join(here, 'system-modelinfo.xml'))
  : read(path.join(installed, `cql-exec-fhir/lib/modelInfos/fhir-modelinfo-${version}.xml`)))));
// Units are checked by the engine that runs the library.
const never = () => { throw new Error('no arithmetic with units while translating'); };
const units = createUcumService(never, () => null, never, never);
const libraries = new LibraryManager(models, new CqlCompilerOptions(), undefined, units);
libraries.librarySourceLoader.registerProvider(createLibrarySourceProvider((id) => read(path.join(here, `${id}.cql`))));

for (const source of [file, path.join(here, 'FHIRHelpers.cql')]) {
  const translated = CqlTranslator.fromText(fs.readFileSync(source, 'utf8'), libraries);
  for (const error of translated.errors.asJsReadonlyArrayView()) {
    console.error(`${source}: ${error.message}`);
    process.exitCode = 1;
  }
  fs.writeFileSync(path.join(out, `${path.basename(source, '.cql')}.json`), translated.toJson());
}
