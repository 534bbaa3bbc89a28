// SPDX-License-Identifier: BSL-1.0
#include "conformance/doc_links.hpp"

#include "conformance/other_end.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include "shared_payload.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <sys/mman.h>

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace oizys::test
{
namespace
{

namespace asio = boost::asio;
using boost::system::error_code;

unique_fd descriptor_of(std::string const& what)
{
    error_code ec;
    if (what.starts_with("file"))
        return unique_fd{::memfd_create("file", MFD_CLOEXEC)};
    if (what.starts_with("memory "))
        return detail::make_shared_payload(bytes_of(what.substr(7)), ec);
    throw std::runtime_error{"no descriptor: " + what};
}

/// What the user of a session is told, and the lines of a block about it.
class link
{
public:
    link(asio::io_context& io, other_end& other) : io_{io}, other_{other} {}

    void use(std::shared_ptr<session> s)
    {
        session_ = std::move(s);
        session_->set_onclose([this](error_code why) { ended_ = why; });
        session_->set_onreceive([this](incoming& message) {
            messages_.push_back({message.take_descriptors().size(), message.take()});
        });
    }

    auto on_opened()
    {
        return [this](error_code ec, std::shared_ptr<session> s) {
            opened_ = ec;
            if (s)
                use(std::move(s));
        };
    }

    bool is_negotiated() const { return session_ && session_->negotiated(); }

    void run(line const& l)
    {
        INFO(l.keyword << " " << l.rest);
        if (l.keyword == "other")
            other_.send(bytes_of(l.rest), std::exchange(passed_, {}));
        else if (l.keyword == "oizys")
        {
            other_.expect(bytes_of(l.rest));
            brought_ = other_.take_descriptors();
        }
        else if (l.keyword == "passes")
            passed_.push_back(descriptor_of(l.rest));
        else if (l.keyword == "brings")
            CHECK(brought_ == std::stoul(l.rest));
        else if (l.keyword == "sends")
            send(bytes_of(l.rest));
        else if (l.keyword == "gives")
            expect_message(bytes_of(l.rest));
        else if (l.keyword == "opens")
        {
            REQUIRE(run_until(io_, [&] { return opened_.has_value(); }));
            CHECK(!*opened_);
        }
        else if (l.keyword == "fails")
            expect_error(error_of(l.rest.substr(0, l.rest.find(' '))));
        else
            FAIL("unknown keyword " << l.keyword);
    }

    /// Nothing has happened that the block does not show.
    void expect_nothing_else()
    {
        io_.restart();
        io_.poll();
        CHECK(messages_.empty());
        CHECK(failed_ == (ended_.has_value() || (opened_ && opened_->failed())));
        if (!failed_)
            other_.end_sending();
        other_.expect_end();
    }

private:
    void send(std::string const& message)
    {
        error_code ec;
        session_->send(message, std::exchange(passed_, {}), ec);
        CHECK(!ec);
    }

    void expect_message(std::string const& wanted)
    {
        REQUIRE(run_until(io_, [&] { return !messages_.empty(); }));
        CHECK(messages_.front().text == wanted);
        brought_ = messages_.front().descriptors;
        messages_.pop_front();
    }

    void expect_error(errc wanted)
    {
        failed_ = true;
        auto const& told = session_ ? ended_ : opened_;
        REQUIRE(run_until(io_, [&] { return told.has_value(); }));
        CHECK(*told == wanted);
    }

    struct received
    {
        std::size_t descriptors;
        std::string text;
    };

    asio::io_context& io_;
    other_end& other_;
    std::shared_ptr<session> session_;
    std::optional<error_code> opened_;
    std::optional<error_code> ended_;
    std::deque<received> messages_;
    std::vector<unique_fd> passed_;
    std::size_t brought_ = 0;
    bool failed_ = false;
};

void run_lines(block const& b, link& l)
{
    for (auto const& each : b.lines)
        l.run(each);
    l.expect_nothing_else();
}

} // namespace

void run_opening(block const& b)
{
    asio::io_context io;
    other_end other{io};
    link l{io, other};
    auto options = session_options_of(b);
    options.negotiation.enabled = true;
    async_open_session(other.theirs(), options, l.on_opened());
    run_lines(b, l);
}

void run_agreed(block const& b)
{
    asio::io_context io;
    other_end other{io};
    link l{io, other};
    auto options = session_options_of(b);
    options.negotiation.enabled = true;
    l.use(create_session(other.theirs(), options));
    other.send(bytes_of("7f 0f 00 00  03 00 00 09  0e 00 00 00 00 00 ff ff ff"));
    REQUIRE(run_until(io, [&] { return l.is_negotiated(); }));
    auto const length = options.max_message < 1024 ? "0f" : "ff";
    other.expect(bytes_of(std::string{"7f "} + length + " 00 00  03 00 00 0a  0f 00 00 00 00 00") +
                 static_cast<char>(options.max_message >> 16 & 0xff) +
                 static_cast<char>(options.max_message >> 8 & 0xff) +
                 static_cast<char>(options.max_message & 0xff) + '\x10');
    run_lines(b, l);
}

void run_handover(block const& b)
{
    asio::io_context io;
    temp_dir dir;
    asio::local::stream_protocol::acceptor acceptor{io, dir.file("socket")};
    std::optional<other_end> other;
    acceptor.async_accept([&](error_code ec, asio::local::stream_protocol::socket socket) {
        REQUIRE(!ec);
        other.emplace(io, std::move(socket));
    });
    std::optional<link> l;
    async_connect(io.get_executor(), "shm:" + dir.file("socket"),
                  [&](error_code ec, std::shared_ptr<session> s) { l->on_opened()(ec, std::move(s)); });
    REQUIRE(run_until(io, [&] { return other.has_value(); }));
    l.emplace(io, *other);
    run_lines(b, *l);
}

} // namespace oizys::test
