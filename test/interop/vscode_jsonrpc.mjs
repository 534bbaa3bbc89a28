// SPDX-License-Identifier: BSL-1.0
//
// vscode_jsonrpc.mjs PROGRAMS   vscode-jsonrpc calls and cancels calls, and so does oizys with it: Content-Length headers
// over Unix sockets
import { once } from 'node:events';
import net from 'node:net';
import { assert, calculator, load, main, oizys, run, serve, socket } from './common.mjs';

const rpc = load('vscode-jsonrpc/node');

function connectionOn(stream) {
    const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(stream),
                                                   new rpc.StreamMessageWriter(stream));
    connection.onError(error => { console.error('failed:', error); process.exit(1); });
    return connection;
}

async function connect(path) {
    const stream = net.connect(path);
    await once(stream, 'connect');
    const client = connectionOn(stream);
    client.listen();
    return client;
}

async function asClient() {
    await calculator(`unix:${socket('calculator')}`);
    const client = await connect(socket('calculator'));

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

async function cancels() {
    await serve('interop_lsp_peer', 'serve', `unix:${socket('lsp')}`);
    const client = await connect(socket('lsp'));

    const source = new rpc.CancellationTokenSource();
    const waiting = client.sendRequest('wait', source.token).catch(error => error);
    assert.equal(await client.sendRequest('cancelled'), 0);
    source.cancel();
    assert.equal((await waiting).code, -32800); // request cancelled
    assert.equal(await client.sendRequest('cancelled'), 1);

    const progress = [];
    client.onProgress(new rpc.ProgressType(), 'token', value => progress.push(value));
    assert.equal(await client.sendRequest('work', { workDoneToken: 'token' }), 'worked');
    assert.deepEqual(progress, [50]);
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
        const cancelled = new Promise(heard => connection.onRequest('wait', token => new Promise(answer => {
            token.onCancellationRequested(() => {
                answer(new rpc.ResponseError(-32800, 'cancelled'));
                setImmediate(heard, true); // then the other end may go
            });
            connection.sendNotification('waiting');
        })));
        connection.onRequest('heard', () => cancelled);
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
    assert.deepEqual(await run('interop_lsp_peer', 'cancel', where), { output: 'done\n', errors: '', code: 0 });
}

main(async () => {
    await asClient();
    await cancels();
    await asServer();
});
