// SPDX-License-Identifier: BSL-1.0
//
// jayson.mjs PROGRAMS   jayson calls the calculator, and is called by oizys: JSON texts over Unix sockets
import { once } from 'node:events';
import { assert, calculator, load, main, oizys, socket } from './common.mjs';

const jayson = load('jayson');

async function asClient() {
    await calculator(`unix:${socket('calculator')}`);
    const client = jayson.Client.tcp({ path: socket('calculator') });
    const request = (...words) => new Promise((resolve, reject) =>
        client.request(...words, (error, response) => error ? reject(error) : resolve(response)));

    assert.equal((await request('add', [2, 3])).result, 5);
    assert.equal((await request('subtract', { subtrahend: 23, minuend: 42 })).result, 19);
    assert.equal((await request('add', [2, 3], 'an id')).id, 'an id');
    assert.deepEqual((await request('divide', [1, 0])).error,
                     { code: 1, message: 'division by zero', data: { dividend: 1 } });
    assert.equal((await request('nothing', [])).error.code, -32601);
    assert.equal((await request('add', [1])).error.code, -32602);
    await request('update', [1, 2, 3], null); // a notification

    const batch = await request([
        client.request('add', [1, 2]), client.request('update', [1], null), client.request('nothing', []),
    ]);
    assert.deepEqual(batch.map(answer => answer.result ?? answer.error.code).sort(), [-32601, 3]);
}

async function asServer() {
    let told;
    const server = new jayson.Server({
        add: ([a, b], done) => done(null, a + b),
        subtract: ({ minuend, subtrahend }, done) => done(null, minuend - subtrahend),
        refuse: (args, done) => done({ code: 7, message: 'no', data: [1] }),
        tell: (args, done) => { told = args; done(null, null); },
    });
    const listening = server.tcp();
    listening.listen(socket('jayson'));
    await once(listening, 'listening');
    const where = `unix:${socket('jayson')}?framing=json_text`;

    assert.deepEqual(await oizys('call', where, 'add', '2', '3'), { output: '5\n', errors: '', code: 0 });
    assert.equal((await oizys('call', where, 'subtract', '--named', 'subtrahend=23', '--named', 'minuend=42')).output,
                 '19\n');
    const refused = await oizys('call', where, 'refuse');
    assert.match(refused.errors, /error 7: no/);
    assert.equal(refused.code, 1);
    assert.equal((await oizys('call', where, 'nothing')).code, 1);
    assert.equal((await oizys('call', '--notify', where, 'tell', '"this"')).code, 0);
    assert.equal((await oizys('call', where, 'add', '1', '1')).output, '2\n');
    assert.deepEqual(told, ['this']);
}

main(async () => {
    await asClient();
    await asServer();
});
