#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Starts the calculator, calls it in both protocols, shows the bytes of one call, and stops it.
# Exits with 0 only if every answer was right.
set -euo pipefail

bin=$1
folder=$(mktemp -d)
socket=$folder/calculator.sock
endpoint=unix:$socket
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT

fail() { echo "demo: $*" >&2; exit 1; }

# Runs the client and compares what it prints.
expect() # OUTPUT CLIENT-ARGUMENT...
{
    local answer
    echo "\$ calculator_client \$endpoint ${*:2}"
    answer=$("$bin/calculator_client" "$endpoint" "${@:2}") || fail "the client exited with $?"
    echo "$answer"
    [ "$answer" = "$1" ] || fail "expected $1"
}

echo "\$ endpoint=$endpoint"
echo "\$ calculator_server --listen \$endpoint &"
"$bin/calculator_server" --listen "$endpoint" >"$folder/log" &
server=$!
for _ in $(seq 600); do
    grep -q ready "$folder/log" && break
    kill -0 $server 2>/dev/null || fail "the server ended: $(cat "$folder/log")"
    sleep 0.05
done
grep ready "$folder/log" || fail "the server did not get ready"

echo; echo "-- JSON-RPC"
expect 5 add 2 3
expect 19 subtract 42 23
expect '["hello",5]' get_data

echo; echo "-- MessagePack-RPC, same socket"
expect 5 add 2 3 --msgpack
expect '["hello",5]' get_data --msgpack

echo; echo "-- an error is an answer"
echo "\$ calculator_client \$endpoint divide 1 0"
status=0
"$bin/calculator_client" "$endpoint" divide 1 0 2>"$folder/error" || status=$?
cat "$folder/error"
[ $status = 1 ] || fail "expected exit code 1, got $status"
wanted='{"code":1,"message":"division by zero","data":{"dividend":1.0}}'
[ "$(cat "$folder/error")" = "$wanted" ] || fail "expected $wanted"
echo "(exit code 1)"

echo; echo "-- the bytes of one call: 00, three bytes of length, the message"
/usr/bin/python3 - "$socket" <<'PYTHON' || fail "the bytes differ"
import socket, sys

def dump(title, data):
    print(title)
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        print(f"  {at:04x}  {row.hex(' '):<47}  {text}")

def frame(message):
    return b"\0" + len(message).to_bytes(3, "big") + message

request = frame(b'{"jsonrpc":"2.0","method":"add","params":[2,3],"id":1}')
expected = frame(b'{"jsonrpc":"2.0","result":5,"id":1}')
with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(5)
    connection.connect(sys.argv[1])
    connection.sendall(request)
    answer = b""
    while len(answer) < len(expected):
        more = connection.recv(4096)
        if not more:
            break
        answer += more
dump("request", request)
dump("answer", answer)
sys.exit(answer != expected)
PYTHON

echo; echo "-- the end"
echo "\$ kill -TERM %1"
kill -TERM $server
status=0
wait $server || status=$?
server=
[ $status = 0 ] || fail "the server exited with $status"
[ ! -e "$socket" ] || fail "the socket file was left behind"
echo "the server ended cleanly; every answer was right"
