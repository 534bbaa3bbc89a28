// SPDX-License-Identifier: BSL-1.0
//
// Our msgpack against msgpack-c: the same values give the same bytes, and changed bytes are accepted or
// rejected alike. msgpack-c nests 32 levels at most, so deeper messages are left out.
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <catch2/catch.hpp>

#ifdef OIZYS_HAVE_MSGPACK_C
#include <msgpack.h>

using namespace oizys;

namespace
{

struct packer
{
    msgpack_packer* to;

    void operator()(std::monostate) const { msgpack_pack_nil(to); }
    void operator()(bool v) const { v ? msgpack_pack_true(to) : msgpack_pack_false(to); }
    void operator()(std::int64_t v) const { msgpack_pack_int64(to, v); }
    void operator()(std::uint64_t v) const { msgpack_pack_uint64(to, v); }
    void operator()(double v) const { msgpack_pack_double(to, v); }
    void operator()(std::string const& v) const { msgpack_pack_str_with_body(to, v.data(), v.size()); }
    void operator()(rpc::bytes const& v) const { msgpack_pack_bin_with_body(to, v.data(), v.size()); }
    void operator()(rpc::extension const& v) const
    {
        msgpack_pack_ext_with_body(to, v.data.data(), v.data.size(), v.type);
    }
    void operator()(rpc::array const& v) const
    {
        msgpack_pack_array(to, v.size());
        for (auto const& element : v)
            std::visit(*this, element.data());
    }
    void operator()(rpc::object const& v) const
    {
        msgpack_pack_map(to, v.size());
        for (auto const& [name, element] : v)
        {
            (*this)(name);
            std::visit(*this, element.data());
        }
    }
};

std::string packed(rpc::value const& v)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer to;
    msgpack_packer_init(&to, &buffer, msgpack_sbuffer_write);
    std::visit(packer{&to}, v.data());
    std::string out{buffer.data, buffer.size};
    msgpack_sbuffer_destroy(&buffer);
    return out;
}

/// How many bytes the first value takes; 0 when there is none.
std::size_t their_size(std::string_view bytes)
{
    msgpack_unpacked result;
    msgpack_unpacked_init(&result);
    std::size_t offset = 0;
    auto const outcome = msgpack_unpack_next(&result, bytes.data(), bytes.size(), &offset);
    msgpack_unpacked_destroy(&result);
    return outcome == MSGPACK_UNPACK_SUCCESS || outcome == MSGPACK_UNPACK_EXTRA_BYTES ? offset : 0;
}

std::size_t our_size(std::string_view bytes)
{
    rpc::msgpack_reader in{bytes, {.max_depth = 32}};
    return in.skip() ? in.position() : 0;
}

} // namespace

TEST_CASE("we write the bytes that msgpack-c writes", "[differential]")
{
    test::random_values random{9};
    random.with_binary = true;
    for (int i = 0; i < 10'000; ++i)
    {
        rpc::value const v = random.any();
        if (rpc::to_msgpack(v) != packed(v))
            FAIL(test::to_hex(packed(v)));
        if (rpc::from_msgpack<rpc::value>(packed(v)).value() != v)
            FAIL(test::to_hex(packed(v)));
    }
}

TEST_CASE("changed bytes are accepted or rejected as msgpack-c does", "[differential]")
{
    test::random_values random{10};
    random.with_binary = true;
    std::size_t accepted = 0, rejected = 0;
    for (int i = 0; i < 100'000; ++i)
    {
        std::string bytes = rpc::to_msgpack(random.any(3));
        for (std::size_t changes = 1 + random.below(3); changes != 0 && !bytes.empty(); --changes)
        {
            std::size_t const at = random.below(bytes.size());
            auto const byte = static_cast<char>(random.bits());
            switch (random.below(3))
            {
            case 0: bytes[at] = byte; break;
            case 1: bytes.erase(at, 1); break;
            default: bytes.insert(at, 1, byte);
            }
        }
        // msgpack-c takes memory for 32 bit counts before it looks whether they can be true.
        if (bytes.find_first_of("\xdd\xdf") != std::string::npos)
            continue;
        std::size_t const ours = our_size(bytes);
        if (ours != their_size(bytes))
            FAIL(ours << " != " << their_size(bytes) << ": " << test::to_hex(bytes));
        ++(ours != 0 ? accepted : rejected);
    }
    CHECK(accepted > 10'000);
    CHECK(rejected > 1'000);
}
#else
TEST_CASE("we write the bytes that msgpack-c writes", "[differential]")
{
    WARN("OIZYS_SKIPPED: msgpack-c was not found when this was built");
}
#endif
