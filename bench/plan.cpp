// SPDX-License-Identifier: BSL-1.0
#include "plan.hpp"

#include <algorithm>
#include <random>

namespace bench
{
namespace
{

// Lines as servers log them: the same words, other numbers.
std::string log_text(std::size_t size)
{
    std::mt19937 numbers{1}; // NOLINT(cert-msc51-cpp): the same in each run
    auto const number = [&](unsigned below) { return std::to_string(numbers() % below); };
    std::string text;
    while (text.size() < size)
        text += R"({"time":"2026-01-01T12:)" + number(60) + ':' + number(60) +
                R"(","level":"info","session":)" + number(100'000) +
                R"(,"message":"request answered","bytes":)" + number(1'000'000) + R"(,"microseconds":)" +
                number(5'000) + "}\n";
    text.resize(size);
    return text;
}

std::string noise(std::size_t size)
{
    std::mt19937 numbers{1}; // NOLINT(cert-msc51-cpp): the same in each run
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(numbers() & 0xffu); });
    return bytes;
}

} // namespace

std::string message_of(plan const& p)
{
    switch (p.holds)
    {
    case contents::any: break;
    case contents::text: return log_text(p.payload);
    case contents::noise: return noise(p.payload);
    }
    return std::string(p.payload, 'x');
}

std::vector<plan> all_plans(bool quick)
{
    using enum pattern;
    constexpr std::size_t kilobytes_100 = 100'000;
    constexpr std::size_t kibibyte = 1u << 10;
    constexpr std::size_t mebibyte = 1u << 20;
    constexpr std::size_t small = 50; // bytes
    std::vector<plan> plans{
        {"latency", window, 1, 1, small, 30'000, 3'000},
        {"pipelined-64", window, 1, 64, small, 400'000, 40'000},
        {"pipelined-1000", window, 1, 1000, small, 400'000, 40'000},
        {"posted-64", burst, 1, 64, small, 400'000, 40'000},
        {"large-100k", large, 1, 1, kilobytes_100, 6'000, 300},
        {"large-256k", large, 1, 1, 256 * kibibyte, 2'000, 100},
        {"large-1m", large, 1, 1, mebibyte, 600, 30},
        {"large-15m", large, 1, 1, 15 * mebibyte, 32, 3},
        {"text-4k", large, 1, 1, 4 * kibibyte, 10'000, 1'000, contents::text},
        {"text-64k", large, 1, 1, 64 * kibibyte, 1'000, 100, contents::text},
        {"text-1m", large, 1, 1, mebibyte, 60, 6, contents::text},
        {"noise-4k", large, 1, 1, 4 * kibibyte, 10'000, 1'000, contents::noise},
        {"noise-64k", large, 1, 1, 64 * kibibyte, 1'000, 100, contents::noise},
        {"noise-1m", large, 1, 1, mebibyte, 60, 6, contents::noise},
        {"oneway", oneway, 1, 64, small, 640'000, 64'000},
        {"active-1000", burst, 1000, 1000, small, 50'000, 5'000},
        {"idle-1000", idle, 1000, 0, small, 1000, 0},
        {"idle-10000", idle, 10'000, 0, small, 10'000, 0},
    };
    if (!quick)
        return plans;
    for (auto& p : plans)
    {
        p.connections = std::min<std::size_t>(p.connections, 20);
        p.outstanding = p.shape == burst ? std::min<std::size_t>(p.outstanding, 64) : p.outstanding;
        p.count = p.shape == idle ? p.connections : 2 * p.outstanding;
        p.warm_up = p.outstanding;
    }
    return plans;
}

} // namespace bench
