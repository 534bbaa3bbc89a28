// SPDX-License-Identifier: BSL-1.0
//
// Plays any script of bytes, turns, calls and handlers against a session over a pipe in memory: nothing may
// be told twice or after the end, limits hold, and in the end the loop runs out of work.
//
// Input: options, then commands. A message handler takes the next byte of the script as what it does.
#include <oizys/memory_pair.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace
{

using boost::system::error_code;
using oizys::framing;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

class script
{
public:
    script(std::uint8_t const* data, std::size_t size) : rest_{reinterpret_cast<char const*>(data), size} {}

    bool ended() const { return rest_.empty(); }

    std::uint8_t byte()
    {
        if (rest_.empty())
            return 0;
        auto const b = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return b;
    }

    std::string_view bytes(std::size_t n)
    {
        auto const part = rest_.substr(0, n);
        rest_.remove_prefix(part.size());
        return part;
    }

private:
    std::string_view rest_;
};

class play
{
public:
    explicit play(script s) : script_{s}
    {
        constexpr framing kinds[] = {framing::header24, framing::json_text,     framing::msgpack_object,
                                     framing::detect,   framing::newline,       framing::content_length,
                                     framing::message,  framing::msgpack_object};
        auto const what = script_.byte();
        options_.framing = kinds[what % 4 + what / 16 % 2 * 4];
        options_.max_message = what & 4 ? 50 : 200000;
        options_.max_queued_bytes = what & 8 ? 100 : 300000;
        options_.close_timeout = std::chrono::milliseconds{0};
        auto const width = script_.byte();
        bool const narrow = (width & 64) != 0 || width % 18 < 8;
        unit_ = narrow ? 10 : 500; // many bytes three by three take long and show nothing new
        auto const fail_after = script_.byte();
        // The peer's framing adds nothing, so that the script decides on every byte.
        auto pair = oizys::memory_pair(
            io_.get_executor(),
            {.first = options_,
             .second = {.framing = framing::msgpack_object, .close_timeout = std::chrono::milliseconds{0}},
             .capacity = std::size_t{1} << width % 18,
             .max_transfer = width & 64 ? 3u : 100000u,
             .fail_after = fail_after < 128 ? fail_after : std::size_t{1} << 30});
        session_ = std::move(pair.first);
        peer_ = std::move(pair.second);
        session_->set_onclose([this](error_code) {
            require(session_ != nullptr && !closed_ && !session_->is_open());
            closed_ = true;
        });
    }

    void run()
    {
        while (!script_.ended())
        {
            command();
            require(!session_ || session_->queued_bytes() <= options_.max_queued_bytes);
        }
        if (session_ && !closed_)
            session_->close();
        bool const told = session_ != nullptr;
        if (peer_)
            peer_->abort();
        io_.restart();
        io_.run();
        require(!told || !session_ || closed_);
        session_.reset();
        peer_.reset();
        io_.restart();
        io_.run();
    }

private:
    static constexpr int throws = 6; ///< what only a handler may do

    void command()
    {
        switch (auto const what = script_.byte(); what % 16)
        {
        case 0:
        case 1:
        case 2: peer_sends(script_.bytes(what / 16)); break;
        case 3: peer_sends(std::string(large(script_.byte()), 'x')); break;
        case 4:
            io_.restart();
            for (int i = 0; i <= what / 16; ++i)
                io_.poll_one();
            break;
        case 5:
            io_.restart();
            io_.poll();
            break;
        case 6: session_sends(what / 16, script_.byte()); break;
        case 7: session_sends(what / 16, large(script_.byte())); break;
        case 8: listen(); break;
        case 9:
            if (session_)
                session_->pause_reading();
            break;
        case 10:
            if (session_)
                session_->resume_reading();
            break;
        case 11: peer_reads(); break;
        case 12:
            if (what / 16 % 8 != throws)
                act(what / 16);
            break;
        case 13:
            if (peer_)
                what & 16 ? peer_->abort() : peer_->close();
            break;
        case 14: drain(what / 16); break;
        default: break;
        }
    }

    std::size_t large(std::size_t units)
    {
        auto const size = std::min(units * unit_, budget_);
        budget_ -= size;
        return size;
    }

    void peer_sends(std::string_view bytes)
    {
        error_code ec; // ignored: the peer may be closed
        if (peer_)
            peer_->send(bytes, ec);
    }

    void peer_reads()
    {
        if (peer_ && !std::exchange(peer_reads_, true))
            peer_->set_onreceive([](oizys::incoming&) {});
    }

    void session_sends(int way, std::size_t size)
    {
        if (!session_)
            return;
        error_code ec;
        std::string const message(size, '[');
        auto const before = session_->queued_bytes();
        switch (way % 4)
        {
        case 0: session_->send(std::string_view{message}, ec); break;
        case 1: session_->send_owned(message, ec); break;
        case 2:
            session_->begin_message() += message;
            session_->end_message(ec);
            break;
        default:
            session_->begin_message() += message;
            session_->cancel_message();
            require(session_->queued_bytes() == before);
        }
        require(!ec || session_->queued_bytes() == before);
    }

    void listen()
    {
        if (!session_ || std::exchange(listens_, true))
            return;
        session_->set_onreceive([this](oizys::incoming& message) {
            require(!closed_ && session_ != nullptr);
            require(!message.view().empty() && message.view().size() <= options_.max_message);
            if (message.view().size() % 3 == 0)
                require(!message.take().empty());
            act(script_.byte());
        });
    }

    void drain(int then)
    {
        if (!session_)
            return;
        session_->set_ondrain([this, then] {
            require(session_ != nullptr && !closed_ && session_->queued_bytes() == 0);
            if (++drains_ < 50)
                act(then);
        });
    }

    void act(int what)
    {
        if (!session_)
            return;
        switch (what % 8)
        {
        case 0: session_sends(what / 8, 10); break;
        case 1: session_->close(); break;
        case 2: session_->abort(); break;
        case 3: session_.reset(); break;
        case 4: session_->pause_reading(); break;
        case 5: session_->resume_reading(); break;
        case throws: throw std::runtime_error{"deliberate"};
        default: break;
        }
    }

    script script_;
    boost::asio::io_context io_;
    oizys::session_options options_;
    std::shared_ptr<oizys::session> session_;
    std::shared_ptr<oizys::session> peer_;
    std::size_t unit_ = 0; ///< bytes that one stands for where the script says the size of a large message
    std::size_t budget_ = 1000000; ///< bytes of large messages that are left
    bool listens_ = false;
    bool peer_reads_ = false;
    bool closed_ = false;
    int drains_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size < 4 || size > 2048)
        return 0;
    play p{script{data, size}};
    p.run();
    return 0;
}
