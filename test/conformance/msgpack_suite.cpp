// SPDX-License-Identifier: BSL-1.0
//
// msgpack-test-suite: every encoding of every value is read, and what we write is one of the encodings.
// Where the suite lists several, ours is the shortest.
#include "support/shared_file.hpp"

#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/codec/msgpack_reader.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace oizys;
using rpc::value;

namespace
{

/// "c4-01-ff", the notation of the suite.
std::string bytes_of(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 3)
        out.push_back(static_cast<char>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
    return out;
}

rpc::bytes data_of(std::string_view text)
{
    rpc::bytes out;
    for (char const c : bytes_of(text))
        out.push_back(static_cast<std::byte>(c));
    return out;
}

/// The value that an entry describes, or null for timestamps, which are checked as extensions only.
value expected(value const& entry)
{
    auto const& members = entry.as<rpc::object>();
    if (auto const* text = members.find("binary"))
        return data_of(text->as<std::string>());
    if (auto const* ext = members.find("ext"))
        return rpc::extension{ext->at(0).as<std::int8_t>(), data_of(ext->at(1).as<std::string>())};
    if (auto const* text = members.find("bignum"))
    {
        auto const& digits = text->as<std::string>();
        return digits.front() == '-' ? value{std::stoll(digits)} : value{std::stoull(digits)};
    }
    for (auto const& [name, v] : members)
        if (name != "msgpack")
            return v;
    return nullptr;
}

bool is_number(value const& v) { return v.kind() == rpc::kind::integer || v.kind() == rpc::kind::floating; }

/// The suite does not tell 1 from 1.0.
bool same(value const& a, value const& b)
{
    return a == b || (is_number(a) && is_number(b) && a.as<double>() == b.as<double>());
}

} // namespace

TEST_CASE("all encodings of the msgpack test suite are read, and the shortest one is written", "[msgpack]")
{
    auto const text = shared_file("vectors/msgpack-test-suite/dist/msgpack-test-suite.json");
    if (!text)
        return;
    auto const suite = rpc::from_json<value>(*text).value();
    std::size_t encodings = 0;
    for (auto const& [file, entries] : suite.as<rpc::object>())
        for (value const& entry : entries.as<rpc::array>())
        {
            bool const timestamp = entry.as<rpc::object>().contains("timestamp");
            std::vector<std::string> all;
            for (value const& encoding : entry["msgpack"].as<rpc::array>())
            {
                std::string const& shown = encoding.as<std::string>();
                CAPTURE(file, shown);
                std::string const& bytes = all.emplace_back(bytes_of(shown));
                auto const read = rpc::from_msgpack<value>(bytes);
                REQUIRE(read);
                if (timestamp)
                    CHECK(read->as<rpc::extension>().type == -1);
                else
                    CHECK(same(*read, expected(entry)));
                rpc::msgpack_reader in{bytes};
                CHECK((in.skip() && in.rest().empty()));

                std::string const written = rpc::to_msgpack(*read);
                CHECK(same(rpc::from_msgpack<value>(written).value(), *read));
                CHECK(written.size() <=
                      std::max<std::size_t>(bytes.size(), 9)); // a float is written as a double
                ++encodings;
            }
            if (timestamp)
                continue;
            value const described = expected(entry);
            std::string const ours = rpc::to_msgpack(described);
            CAPTURE(file, described);
            CHECK(std::find(all.begin(), all.end(), ours) != all.end());
            for (std::string const& other : all)
                if (rpc::from_msgpack<value>(other)->kind() == described.kind() &&
                    described.kind() != rpc::kind::floating)
                    CHECK(ours.size() <= other.size());
        }
    CHECK(encodings == 233);
}
