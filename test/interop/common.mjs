// SPDX-License-Identifier: BSL-1.0
//
// What the tests with packages of npm share: the packages, a server or client made of the programs of this build,
// and the verdict. Nothing waits longer than the deadline.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const programs = process.argv[2];
const deadline = 240_000; // for sanitizers on a busy machine; ctest has one of its own
const folder = mkdtempSync('/tmp/oizys-interop-');
const children = new Set();
process.on('exit', () => {
    for (const child of children)
        child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
});

const require = createRequire(path.join(path.resolve(process.env.OIZYS_NPM ?? '.'), 'x.js'));

/// A package, or the end of the test.
export function load(name) {
    try {
        return require(name);
    } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND')
            throw error;
        console.log(`OIZYS_SKIPPED: ${name} of npm is missing (./run test --interop installs it)`);
        process.exit(0);
    }
}

export const socket = name => path.join(folder, name);

/// Starts a program of this build that says when it is ready; returns its endpoints.
export function serve(program, ...words) {
    const child = spawn(path.join(programs, program), words, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('exit', code => reject(new Error(`${program} ended with ${code}`)));
        createInterface(child.stdout).once('line', line => resolve(line.replace('ready: ', '').split(' ')));
    });
}

export const calculator = (...endpoints) =>
    serve('calculator_server', ...endpoints.flatMap(where => ['--listen', where]));

/// Runs a program of this build to its end: what it printed and its exit code.
export function run(program, ...words) {
    const child = spawn(path.join(programs, program), words, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    const result = { output: '', errors: '' };
    child.stdout.on('data', text => { result.output += text; });
    child.stderr.on('data', text => { result.errors += text; });
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', code => resolve({ ...result, code }));
    });
}

export const oizys = (...words) => run('oizys', ...words);

/// Runs the test; it must end within the deadline.
export function main(test) {
    setTimeout(() => {
        console.error(`failed: not done within ${deadline / 1000} s`);
        process.exit(1);
    }, deadline).unref();
    // A test that waits for what never comes, with nothing left to run, must not pass either.
    process.exitCode = 1;
    test().then(() => {
        console.log('done');
        process.exit(0);
    }, error => {
        console.error('failed:', error);
        process.exit(1);
    });
}

export { assert };
