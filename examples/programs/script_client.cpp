// SPDX-License-Identifier: BSL-1.0
//
// A script's client: each call waits for its result. README shows it.
#include <oizys/rpc/blocking_client.hpp>

#include <iostream>

int main()
{
    oizys::rpc::blocking_client calculator{"unix:calculator.sock"};
    std::cout << calculator.call<int>("add", 2, 3) << '\n';
}
