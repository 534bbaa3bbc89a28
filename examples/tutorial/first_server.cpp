// SPDX-License-Identifier: BSL-1.0
//
// A service with one method. docs/tutorial.md shows it.
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>

#include <iterator>
#include <sstream>
#include <string>

namespace rpc = oizys::rpc;

int count_words(std::string const& text)
{
    std::istringstream words{text};
    return static_cast<int>(
        std::distance(std::istream_iterator<std::string>{words}, std::istream_iterator<std::string>{}));
}

int main()
{
    boost::asio::io_context io{1};
    rpc::service text;
    text.method("count", {"text"}, count_words);
    rpc::server server{io.get_executor(), text};
    server.listen("unix:text.sock");
    io.run();
}
