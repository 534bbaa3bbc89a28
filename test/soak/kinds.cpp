// SPDX-License-Identifier: BSL-1.0
#include "kinds.hpp"

#include <string_view>

namespace oizys::soak
{
namespace
{

constexpr char const* all_listeners[] = {
    "unix:{dir}/plain",
    "unix:{dir}/newline?framing=newline",
    "unix:{dir}/msgpack?framing=msgpack_object",
    "unix:{dir}/detect?framing=detect&negotiate=1",
    "unix:@{dir}/abstract",
    "tcp:127.0.0.1:0",
    "tcp:127.0.0.1:0?framing=detect&negotiate=1",
    "tls:127.0.0.1:0?cert={dir}/server.pem",
    "ws://127.0.0.1:0/soak",
    "wss://127.0.0.1:0/soak#cert={dir}/server.pem",
    "ws+unix:{dir}/ws:/soak",
    "shm:{dir}/shm",
    "shm:{dir}/spin?spin=50us",
};

constexpr kind all_kinds[] = {
    {"unix", "unix:{dir}/plain", 0, dress::bytes},
    {"newline", "unix:{dir}/newline?framing=newline", 1, dress::line},
    {"msgpack_object", "unix:{dir}/msgpack?framing=msgpack_object", 2, dress::msgpack},
    {"json_text", "unix:{dir}/detect?framing=json_text", 3, dress::json},
    {"content_length", "unix:{dir}/detect?framing=content_length", 3, dress::bytes},
    {"detected", "unix:{dir}/detect", 3, dress::bytes},
    {"negotiated", "unix:{dir}/detect?negotiate=1", 3, dress::bytes},
    {"ws_detected", "ws+unix:{dir}/detect:/soak", 3, dress::bytes},
    {"abstract", "unix:@{dir}/abstract", 4, dress::bytes},
    {"tcp", "tcp:127.0.0.1:{port}", 5, dress::bytes},
    {"tcp_negotiated", "tcp:127.0.0.1:{port}?negotiate=1", 6, dress::bytes},
    {"tls", "tls:127.0.0.1:{port}?ca={dir}/ca.pem", 7, dress::bytes},
    {"ws", "ws://127.0.0.1:{port}/soak", 8, dress::bytes},
    {"ws_json", "ws://127.0.0.1:{port}/soak", 8, dress::json},
    {"wss", "wss://127.0.0.1:{port}/soak#ca={dir}/ca.pem", 9, dress::bytes},
    {"ws+unix", "ws+unix:{dir}/ws:/soak", 10, dress::bytes},
    {"shm", "shm:{dir}/shm", 11, dress::bytes},
    {"shm_spinning", "shm:{dir}/spin?spin=50us", 12, dress::bytes},
    {"exec", "exec:{self} child stdio:", -1, dress::bytes},
    {"exec_newline", "exec?framing=newline:{self} child stdio:?framing=newline", -1, dress::line},
    {"exec+fd", "exec+fd?negotiate=1:{self} child fd:3?framing=detect&negotiate=1", -1, dress::bytes},
};

void replace(std::string& text, std::string_view what, std::string const& by)
{
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

} // namespace

std::span<char const* const> listeners() { return all_listeners; }
std::span<kind const> kinds() { return all_kinds; }

std::string filled_in(std::string text, surroundings const& where, unsigned port)
{
    replace(text, "{dir}", where.folder);
    replace(text, "{self}", where.self);
    replace(text, "{port}", std::to_string(port));
    return text;
}

std::string connect_text(kind const& k, surroundings const& where)
{
    auto const port = k.listener < 0 ? 0 : where.ports.at(static_cast<std::size_t>(k.listener));
    return filled_in(k.connect, where, port);
}

} // namespace oizys::soak
