// SPDX-License-Identifier: BSL-1.0
//
// simdjson's stage 1, chosen for the processor at run time.
#include "codec/json_tokens.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <new>

namespace oizys::rpc::detail
{

bool is_utf8(std::string_view text) noexcept { return simdjson::validate_utf8(text.data(), text.size()); }

struct json_tokens::impl
{
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

json_tokens::json_tokens() noexcept = default;
json_tokens::~json_tokens() = default;

codec_errc json_tokens::find(std::string_view text)
{
    if (text.empty())
        return codec_errc::truncated;
    if (text.size() > capacity_)
    {
        constexpr std::size_t smallest = 4096;
        if (text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES)
            return codec_errc::not_representable;
        std::size_t const wanted = std::min(std::bit_ceil(std::max(text.size(), smallest)),
                                            std::size_t{simdjson::SIMDJSON_MAXSIZE_BYTES});
        if (!impl_)
            impl_ = std::make_unique<impl>();
        capacity_ = 0;
        // The depth is that of simdjson's own second stage, which is not used.
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(
                wanted, 1, impl_->parser) != simdjson::SUCCESS)
            throw std::bad_alloc{};
        capacity_ = wanted;
    }
    switch (impl_->parser->stage1(reinterpret_cast<std::uint8_t const*>(text.data()), text.size(),
                                  simdjson::stage1_mode::regular))
    {
    case simdjson::SUCCESS: return {};
    case simdjson::EMPTY:
    case simdjson::UNCLOSED_STRING: return codec_errc::truncated;
    case simdjson::UTF8_ERROR: return codec_errc::invalid_utf8;
    default: return codec_errc::malformed;
    }
}

std::uint32_t* json_tokens::begin() noexcept { return impl_->parser->structural_indexes.get(); }

std::uint32_t* json_tokens::end() noexcept { return begin() + impl_->parser->n_structural_indexes; }

} // namespace oizys::rpc::detail
