// SPDX-License-Identifier: BSL-1.0
//
// openrpc.mjs SAMPLE   checks the document of the sample service (test/generated) against OpenRPC's own meta-schema,
//                      and that values of the service are what its schemas say
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.OIZYS_NPM ?? '.', 'x.js'));
let Ajv, addFormats, openrpc, draft7;
try {
    Ajv = require('ajv').default;
    addFormats = require('ajv-formats').default;
    openrpc = require('@open-rpc/meta-schema').default;
    draft7 = require('@json-schema-tools/meta-schema').default;
} catch (error) {
    console.log(`OIZYS_SKIPPED: packages of npm are missing (./run test --interop installs them): ${error.message}`);
    process.exit(0);
}

function compile(schema, others = []) {
    const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
    addFormats(ajv);
    for (const [id, other] of others)
        ajv.addSchema({ ...other, $id: undefined, $schema: undefined }, id);
    return ajv.compile({ ...schema, $schema: undefined });
}

function expect(what, holds, errors) {
    if (holds)
        return;
    console.error(`failed: ${what}`, JSON.stringify(errors, null, 1));
    process.exitCode = 1;
}

const document = JSON.parse(execFileSync(process.argv[2], ['document']));
const isOpenrpc = compile(openrpc, [['https://meta.json-schema.tools', draft7], ['https://meta.json-schema.tools/', draft7]]);
expect('the document is valid', isOpenrpc(document), isOpenrpc.errors);
expect('it is a document of version 1.3', document.openrpc.startsWith('1.3.'));
expect('it has all methods', document.methods.length === 8, document.methods.map(m => m.name));

// What the check is worth: the same document with one thing wrong.
for (const [what, spoil] of [
    ['no name of a method', d => delete d.methods[0].name],
    ['an unknown member of a method', d => { d.methods[0].parameters = []; }],
    ['a parameter without a schema', d => delete d.methods[0].params[0].schema],
    ['a type that there is not', d => { d.components.schemas.point.type = 'structure'; }],
    ['an unknown version', d => { d.openrpc = '9.9.9'; }],
]) {
    const spoiled = structuredClone(document);
    spoil(spoiled);
    expect(`${what} is found`, !isOpenrpc(spoiled));
}

// Schemas of components: draft 7 itself, and values that are and are not what they describe.
const valid = name => compile({ ...document, $id: 'openrpc:', $ref: `#/components/schemas/${name}` });
const shape = { name: 'a', class: 'b', corners: [{ x: 1, y: 2 }], parts: [], detail: 'high', fill: 2 };
for (const [name, value, holds] of [
    ['point', { x: 1, y: -2147483648 }, true], ['point', { x: 1 }, false], ['point', { x: 1, y: 1.5 }, false],
    ['point', { x: 1, y: 2147483648 }, false],
    ['shape', shape, true], ['shape', { ...shape, fill: null }, true], ['shape', { ...shape, fill: 7 }, false],
    ['shape', { ...shape, detail: 'middle' }, false], ['shape', { ...shape, parts: [shape] }, true],
    ['shape', { ...shape, parts: [5] }, false], ['shape', { ...shape, class: undefined }, false],
    ['color', 1, true], ['color', 3, false], ['color', 'red', false],
]) {
    const validate = valid(name);
    expect(`${name} ${JSON.stringify(value)} is ${holds ? '' : 'not '}valid`,
           validate(JSON.parse(JSON.stringify(value))) === holds, validate.errors);
}
console.log('done');
