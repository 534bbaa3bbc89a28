// SPDX-License-Identifier: BSL-1.0
//
//   sample document      prints the sample service's OpenRPC document
//   sample cpp, python   prints the client that is generated from it
//   sample serve WHERE   serves it until standard input ends; prints a line when it can be called
#include "generate/cpp.hpp"
#include "generate/python.hpp"
#include "generated/sample_service.hpp"

#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>
#include <limits>
#include <string_view>
#include <thread>

using namespace oizys;

namespace
{

int serve(char const* where)
{
    boost::asio::io_context io{1};
    rpc::server server{io.get_executor(), test::sample::make_service()};
    server.listen(endpoint{where});
    std::cout << "ready" << std::endl;
    std::thread end{[&] {
        std::cin.ignore(std::numeric_limits<std::streamsize>::max());
        io.stop();
    }};
    io.run();
    end.join();
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    std::string_view const what = argc > 1 ? argv[1] : "";
    if (what == "serve" && argc == 3)
        return serve(argv[2]);
    // As generators get it: what has crossed the wire.
    auto const text = rpc::to_json(test::sample::make_service().document());
    auto const model = generate::read_model(rpc::from_json<rpc::value>(text).value());
    if (what == "document")
        std::cout << text << '\n';
    else if (what == "cpp")
        std::cout << generate::cpp_client(model);
    else if (what == "python")
        std::cout << generate::python_client(model);
    else
        return 2;
}
