// SPDX-License-Identifier: BSL-1.0
//
// mcp.mjs PROGRAMS   a client of the Model Context Protocol's SDK starts the example mcp and uses its tools
import path from 'node:path';
import { assert, load, main, programs } from './common.mjs';

const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = load('@modelcontextprotocol/sdk/client/stdio.js');

main(async () => {
    const client = new Client({ name: 'oizys-test', version: '1' });
    client.onerror = error => { console.error('failed:', error); process.exit(1); };
    await client.connect(new StdioClientTransport({ command: path.join(programs, 'mcp_server') }));
    assert.equal(client.getServerVersion().name, 'oizys-example');
    await client.ping();

    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(tool => tool.name), ['count_words', 'divide']);
    assert.deepEqual(tools[1].inputSchema.required.sort(), ['a', 'b']);

    const call = (name, args) => client.callTool({ name, arguments: args });
    assert.deepEqual(await call('divide', { a: 7, b: 2 }),
                     { content: [{ type: 'text', text: '3.5' }], isError: false });
    assert.equal((await call('count_words', { words: 'ünï\ncode' })).content[0].text, '2');
    assert.equal((await call('divide', { a: 1, b: 0 })).isError, true);
    assert.equal((await call('nothing', {}).catch(error => error)).code, -32602);
    await client.close();
});
