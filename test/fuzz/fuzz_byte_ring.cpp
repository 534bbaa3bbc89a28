// SPDX-License-Identifier: BSL-1.0
//
// Both halves of a ring, between which the input writes anything into the shared memory: nothing outside of
// the ring is touched (the sanitizer sees to it), and without such writing every byte arrives.
//
// Input: log2 of the capacity, then steps of two bytes: what is done, and how much of it.
#include "wire/byte_ring.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>

namespace
{

void require(bool holds)
{
    if (!holds)
        std::abort();
}

class run
{
public:
    explicit run(std::size_t capacity)
        : capacity_{capacity}
        , bytes_{std::make_unique<char[]>(capacity)}
        , out_{{&control_, {bytes_.get(), capacity}}}
        , in_{{&control_, {bytes_.get(), capacity}}}
    {
    }

    void step(unsigned what, unsigned amount)
    {
        switch (what % 9)
        {
        case 0: return put(amount);
        case 1: return publish();
        case 2: return take(amount);
        case 3: return sleep_consumer();
        case 4: return sleep_producer();
        case 5: return write_index(control_.produced, amount);
        case 6: return write_index(control_.consumed, amount);
        case 7: return write_byte(amount);
        case 8: return show();
        }
    }

private:
    void put(unsigned amount)
    {
        std::string text(amount, '\0');
        for (auto& c : text)
            c = static_cast<char>(next_++);
        boost::system::error_code ec;
        auto const n = out_.put(text, ec);
        require(n <= text.size() && n <= capacity_);
        require(!ec || n == 0);
        require(tampered_ || (!ec && n == std::min<std::size_t>(amount, capacity_ - sent_.size())));
        next_ -= static_cast<unsigned>(text.size() - n);
        sent_.insert(sent_.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(n));
    }

    void publish()
    {
        bool const wakes = out_.publish();
        require(tampered_ || wakes == consumer_sleeps_);
        published_ = sent_.size();
        if (wakes)
            consumer_sleeps_ = false;
    }

    // May be followed by more, so that nobody is woken yet.
    void show()
    {
        out_.show();
        published_ = sent_.size();
    }

    void take(unsigned amount)
    {
        auto const room = std::make_unique<char[]>(amount);
        boost::system::error_code ec;
        auto const n = in_.take({room.get(), amount}, ec);
        require(n <= amount && n <= capacity_);
        require(!ec || n == 0);
        bool const wakes = in_.must_wake();
        if (tampered_)
            return;
        require(!ec && n == std::min<std::size_t>(amount, published_));
        for (std::size_t i = 0; i < n; ++i, --published_)
        {
            require(room[i] == sent_.front());
            sent_.pop_front();
        }
        if (wakes)
        {
            require(producer_sleeps_);
            producer_sleeps_ = false;
        }
        require(!producer_sleeps_ || published_ > capacity_ / 2);
    }

    // Asleep with something to take, or with room to put, nobody would ever wake it.
    void sleep_consumer()
    {
        consumer_sleeps_ = in_.sleep();
        require(tampered_ || consumer_sleeps_ == (published_ == 0));
    }

    void sleep_producer()
    {
        producer_sleeps_ = out_.sleep();
        require(tampered_ || producer_sleeps_ == (capacity_ - sent_.size() < capacity_ / 2));
    }

    void write_index(std::atomic<std::uint64_t>& index, unsigned amount)
    {
        tampered_ = true;
        index = index + (static_cast<std::uint64_t>(amount) << (amount % 8 * 8)) - 128;
    }

    void write_byte(unsigned amount)
    {
        tampered_ = true;
        auto* const control = reinterpret_cast<unsigned char*>(&control_);
        control[amount % sizeof control_] ^= static_cast<unsigned char>(1u << amount % 8);
        bytes_[amount % capacity_] ^= 1;
    }

    std::size_t capacity_;
    oizys::wire::ring_control control_;
    std::unique_ptr<char[]> bytes_;
    oizys::wire::ring_producer out_;
    oizys::wire::ring_consumer in_;
    std::deque<char> sent_; ///< put and not taken
    std::size_t published_ = 0;
    unsigned next_ = 0;
    bool consumer_sleeps_ = false;
    bool producer_sleeps_ = false;
    bool tampered_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0)
        return 0;
    run r{std::size_t{1} << (data[0] % 8)};
    for (std::size_t at = 1; at + 1 < size; at += 2)
        r.step(data[at], data[at + 1]);
    return 0;
}
