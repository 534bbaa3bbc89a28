// SPDX-License-Identifier: BSL-1.0
//
// msgpack5rpc.mjs PROGRAMS   msgpack5rpc calls the calculator over a Unix socket
import net from 'node:net';
import { once } from 'node:events';
import { assert, calculator, load, main, socket } from './common.mjs';

const Session = load('msgpack5rpc');

main(async () => {
    await calculator(`unix:${socket('calculator')}`);
    const connection = net.connect(socket('calculator'));
    await once(connection, 'connect');
    const session = new Session();
    session.attach(connection, connection);
    const call = (method, ...args) => new Promise((resolve, reject) =>
        session.request(method, args, (error, result) => error ? reject(error) : resolve(result)));

    assert.equal(await call('add', 2, 3), 5);
    assert.deepEqual(await call('get_data'), ['hello', 5]);
    const long = 'x'.repeat(100_000);
    const anything = { text: 'ünï', list: [1, 2.5, null, true], bytes: Buffer.from([0, 255]), long };
    assert.deepEqual(await call('echo', anything), anything);

    const failure = await call('divide', 1, 0).catch(error => error);
    assert.deepEqual(failure, { code: 1, message: 'division by zero', data: { dividend: 1 } });
    assert.equal((await call('nothing').catch(error => error)).code, -32601);

    session.notify('update', [1, 2, 3]);
    // Many at once; a slow one does not hold up the others.
    let slept = false;
    const sleeper = call('sleep', 300).then(() => { slept = true; });
    const sums = await Promise.all(Array.from({ length: 1000 }, (_, i) => call('add', i, 1)));
    assert.deepEqual(sums, Array.from({ length: 1000 }, (_, i) => i + 1));
    await sleeper;
    assert(slept);
});
