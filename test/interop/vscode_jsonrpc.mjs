// SPDX-License-Identifier: BSL-1.0
//
// vscode_jsonrpc.mjs PROGRAMS   vscode-jsonrpc calls the calculator, and is called by oizys: Content-Length headers
// over Unix sockets
import { once } from 'node:events';
import net from 'node:net';
import { assert, calculator, load, main, oizys, socket } from './common.mjs';

const rpc = load('vscode-jsonrpc/node');

function connectionOn(stream) {
    const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(stream),
                                                   new rpc.StreamMessageWriter(stream));
    connection.onError(error => { console.error('failed:', error); process.exit(1); });
    return connection;
}

async function asClient() {
    await calculator(`unix:${socket('calculator')}`);
    const stream = net.connect(socket('calculator'));
    await once(stream, 'connect');
    const client = connectionOn(stream);
    client.listen();

    assert.equal(await client.sendRequest('add', 2, 3), 5);
    assert.equal(await client.sendRequest('subtract', rpc.ParameterStructures.byName, { subtrahend: 23, minuend: 42 }),
                 19);
    assert.equal(await client.sendRequest('echo', 'ünï'.repeat(50_000)), 'ünï'.repeat(50_000));
    const failure = await client.sendRequest('divide', 1, 0).catch(error => error);
    assert(failure instanceof rpc.ResponseError);
    assert.deepEqual([failure.code, failure.message, failure.data], [1, 'division by zero', { dividend: 1 }]);
    assert.equal((await client.sendRequest('nothing').catch(error => error)).code, rpc.ErrorCodes.MethodNotFound);
    await client.sendNotification('update', 1, 2, 3);
    assert.deepEqual(await Promise.all([1, 2, 3].map(i => client.sendRequest('add', i, i))), [2, 4, 6]);
    client.end();
}

async function asServer() {
    let told;
    const server = net.createServer(stream => {
        const connection = connectionOn(stream);
        connection.onRequest('add', (a, b) => a + b);
        connection.onRequest('name', ({ first, last }) => `${first} ${last}`);
        connection.onRequest('refuse', () => new rpc.ResponseError(7, 'no', [1]));
        connection.onNotification('tell', what => { told = what; });
        connection.onRequest('told', () => told);
        connection.listen();
    }).listen(socket('vscode'));
    await once(server, 'listening');
    const where = `unix:${socket('vscode')}?framing=content_length`;

    assert.deepEqual(await oizys('call', where, 'add', '2', '3'), { output: '5\n', errors: '', code: 0 });
    assert.equal((await oizys('call', where, 'name', '--named', 'last=Lovelace', '--named', 'first=Ada')).output,
                 '"Ada Lovelace"\n');
    const refused = await oizys('call', where, 'refuse');
    assert.match(refused.errors, /error 7: no/);
    assert.equal(refused.code, 1);
    assert.equal((await oizys('call', where, 'nothing')).code, 1);
    assert.equal((await oizys('call', '--notify', where, 'tell', '"this"')).code, 0);
    assert.equal((await oizys('call', where, 'told')).output, '"this"\n');
}

main(async () => {
    await asClient();
    await asServer();
});
