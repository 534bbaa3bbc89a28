// SPDX-License-Identifier: BSL-1.0
//
// msgpack_rpc_lite.mjs PROGRAMS   msgpack-rpc-lite calls the calculator over TCP, in new and in old msgpack
import { assert, calculator, load, main } from './common.mjs';

const { createClient } = load('msgpack-rpc-lite');

main(async () => {
    const [endpoint] = await calculator('tcp:127.0.0.1:0');
    const port = Number(endpoint.split(':').at(-1));
    // Old: strings are raw bytes, without types for text and for binary.
    for (const codec of [undefined, { encode: { useraw: true }, decode: { useraw: false } }]) {
        const client = createClient(port, '127.0.0.1', 0, codec);
        const call = async (...words) => (await client.request(...words))[0];

        assert.equal(await call('add', 2, 3), 5);
        assert.deepEqual(await call('get_data'), ['hello', 5]);
        assert.equal(await call('echo', 'x'.repeat(300)), 'x'.repeat(300));
        const failure = await call('divide', 1, 0).catch(error => error);
        assert.deepEqual(failure, { code: 1, message: 'division by zero', data: { dividend: 1 } });
        await client.notify('update', 1, 2, 3);
        const sums = await Promise.all(Array.from({ length: 200 }, (_, i) => call('add', i, 1)));
        assert.deepEqual(sums, Array.from({ length: 200 }, (_, i) => i + 1));
        client.close();
    }
});
