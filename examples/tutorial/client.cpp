// SPDX-License-Identifier: BSL-1.0
//
// Has a text changed by a filter that somebody else has plugged in. docs/tutorial.md shows it.
#include <oizys/rpc/blocking_client.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace rpc = oizys::rpc;

int main(int argc, char** argv)
try
{
    if (argc != 3)
        throw std::runtime_error{"usage: client FILTER TEXT"};
    rpc::blocking_client text{"unix:text.sock?negotiate=1"};
    std::cout << text.call<std::string>("apply", argv[1], argv[2]) << '\n';
}
catch (rpc::error const& e) // the server's answer
{
    std::cout << "error " << e.code() << ": " << e.what() << '\n';
    return 1;
}
catch (std::exception const& e) // no answer
{
    std::cerr << e.what() << '\n';
    return 2;
}
