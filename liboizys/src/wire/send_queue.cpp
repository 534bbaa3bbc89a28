// SPDX-License-Identifier: BSL-1.0
#include "wire/send_queue.hpp"

#include "wire/frame_type.hpp"
#include "wire/message_header.hpp"
#include "wire/spare_memory.hpp"

#include <oizys/wire/header24.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace oizys::wire
{
namespace
{

/// For a frame with a payload of `size` bytes.
void make_room(std::string& piece, std::size_t size)
{
    if (size >= spare_memory::smallest)
        spare_memory::reserve(piece, piece.size() + sizeof(send_queue::header_room) + size);
}

} // namespace

std::string_view send_queue::header_for(std::size_t size, header_room& room) const noexcept
{
    using enum oizys::framing;
    auto* end = room.data();
    switch (kind_)
    {
    case header24:
    case negotiated:
        end = std::ranges::copy(encode_header24({.type = 0, .size = static_cast<std::uint32_t>(size)}), end)
                  .out;
        break;
    case message: end = std::ranges::copy(encode_message_header(size), end).out; break;
    case content_length:
        end = std::ranges::copy(std::string_view{"Content-Length: "}, end).out;
        end = std::to_chars(end, room.data() + room.size(), size).ptr;
        end = std::ranges::copy(std::string_view{"\r\n\r\n"}, end).out;
        break;
    case json_text:
    case newline:
    case msgpack_object:
    case detect: break;
    }
    return {room.data(), static_cast<std::size_t>(end - room.data())};
}

std::string_view send_queue::trailer() const noexcept
{
    return kind_ == oizys::framing::json_text || kind_ == oizys::framing::newline ? "\n" : "";
}

std::size_t send_queue::overhead(std::size_t size) const noexcept
{
    header_room room;
    return header_for(size, room).size() + trailer().size();
}

std::size_t send_queue::max_payload() const noexcept
{
    return has_header24() ? header24_max_payload : std::numeric_limits<std::size_t>::max();
}

void send_queue::begin_frame(std::string& to, std::size_t payload_size) const
{
    header_room room;
    to.append(header_for(payload_size, room));
}

// The piece that takes the next bytes: the last one, unless it is long or was given away.
std::string& send_queue::tail()
{
    if (!tail_takes_more())
    {
        pieces_.emplace_back();
        tail_is_owned_ = false;
    }
    return pieces_.back();
}

void send_queue::push_anyhow(std::string_view message)
{
    auto& piece = tail();
    auto const before = piece.size();
    make_room(piece, message.size());
    begin_frame(piece, message.size());
    piece.append(message);
    piece.append(trailer());
    count(piece.size() - before);
}

void send_queue::push_owned(std::string message)
{
    if (message.size() < owned_from)
        return push_anyhow(message);
    auto& piece = tail();
    auto const before = piece.size();
    begin_frame(piece, message.size());
    auto const frame_size = piece.size() - before + message.size() + trailer().size();
    pieces_.push_back(std::move(message));
    tail_is_owned_ = true;
    if (!trailer().empty())
        tail().append(trailer());
    count(frame_size);
}

void send_queue::push_rest(std::string_view message, std::size_t written)
{
    header_room room;
    auto& piece = tail();
    make_room(piece, message.size());
    std::size_t frame_size = 0;
    for (auto const part : {header_for(message.size(), room), message, trailer()})
    {
        auto const done = std::min(written > frame_size ? written - frame_size : 0, part.size());
        piece.append(part.substr(done));
        frame_size += part.size();
    }
    count(frame_size);
    written_ = written;
    bytes_ -= written;
}

void send_queue::push_frame(std::uint8_t type, std::string_view prefix, std::string_view payload,
                            std::vector<unique_fd> descriptors, std::size_t attached)
{
    if (!descriptors.empty())
    {
        if (!attached_)
            attached_ = std::make_unique<std::deque<attachment>>();
        descriptors_ += descriptors.size();
        attached_bytes_ += attached;
        attached_messages_ += attached != 0 ? 1 : 0;
        attached_->push_back({.at = pushed_, .descriptors = std::move(descriptors), .bytes = attached});
    }
    auto const size = prefix.size() + payload.size();
    auto& piece = tail();
    make_room(piece, size);
    for (char const c : encode_header24({.type = type, .size = static_cast<std::uint32_t>(size)}))
        piece += c;
    piece.append(prefix);
    piece.append(payload);
    auto const kind = static_cast<frame_type>(type & frame_type_bits);
    if (kind == frame_type::message || kind == frame_type::last_part)
        return count(header24_size + size);
    pushed_ += header24_size + size;
    bytes_ += header24_size + size;
}

void send_queue::push_raw(std::string_view bytes)
{
    tail().append(bytes);
    pushed_ += bytes.size();
    bytes_ += bytes.size();
}

std::string& send_queue::open()
{
    auto& piece = tail();
    open_at_ = piece.size();
    piece.append(open_header_size(), '\0'); // filled in by commit
    return piece;
}

// The header of an open message, where its size does not depend on the payload's.
std::size_t send_queue::open_header_size() const noexcept
{
    switch (kind_)
    {
    case oizys::framing::header24:
    case oizys::framing::negotiated: return header24_size;
    case oizys::framing::message: return message_header_size;
    default: return 0;
    }
}

std::string_view send_queue::open_payload() const noexcept
{
    return std::string_view{pieces_.back()}.substr(open_at_ + open_header_size());
}

void send_queue::commit()
{
    auto& piece = pieces_.back();
    if (has_header24())
    {
        auto const header = encode_header24({.type = 0, .size = static_cast<std::uint32_t>(open_size())});
        std::ranges::copy(header, piece.data() + open_at_);
    }
    else
    {
        header_room room;
        piece.replace(open_at_, open_header_size(), header_for(open_size(), room));
        piece.append(trailer());
    }
    count(piece.size() - open_at_);
}

void send_queue::cancel() noexcept
{
    pieces_.back().resize(open_at_);
    if (pieces_.back().capacity() > kept_capacity && open_at_ == 0)
        pieces_.back() = {};
}

// Bytes up to the next ones with which descriptors travel.
std::size_t send_queue::writable_at_once() const noexcept
{
    if (!attached_)
        return bytes_;
    auto const next = std::ranges::find_if(*attached_, [&](auto const& a) { return a.at > written_; });
    return next == attached_->end() ? bytes_ : next->at - written_;
}

std::size_t send_queue::gather(std::span<std::string_view> room) const noexcept
{
    std::size_t used = 0;
    auto offset = offset_;
    auto left = writable_at_once();
    for (auto at = first_piece_; at < pieces_.size() && used < room.size() && left != 0; ++at)
    {
        auto const piece = std::string_view{pieces_[at]}.substr(offset, left);
        offset = 0;
        left -= piece.size();
        if (!piece.empty())
            room[used++] = piece;
    }
    return used;
}

void send_queue::consume_anyhow(std::size_t n)
{
    bytes_ -= n;
    if (bytes_ == 0)
        return clear();
    written_ += n;
    if (attached_)
        detach_written();
    while (first_end_ < ends_.size() && ends_[first_end_] <= written_)
        ++first_end_;
    n += offset_;
    while (n >= pieces_[first_piece_].size())
    {
        n -= pieces_[first_piece_].size();
        spare_memory::give(std::exchange(pieces_[first_piece_++], {}));
    }
    offset_ = n;
    forget_written();
}

void send_queue::detach_written() noexcept
{
    while (!attached_->empty() && attached_->front().at < written_)
    {
        auto const& front = attached_->front();
        descriptors_ -= front.descriptors.size();
        attached_bytes_ -= front.bytes;
        attached_messages_ -= front.bytes != 0 ? 1 : 0;
        attached_->pop_front();
    }
    if (attached_->empty())
        attached_.reset();
}

// A queue that is never empty must not grow for ever: what was written leaves the tables once it is half of them.
void send_queue::forget_written()
{
    auto const drop = [](auto& table, std::size_t& first) {
        if (first < 64 || first < table.size() / 2)
            return;
        table.erase(table.begin(), table.begin() + static_cast<std::ptrdiff_t>(first));
        first = 0;
    };
    drop(pieces_, first_piece_);
    drop(ends_, first_end_);
}

// Keeps one piece of ordinary size, so that a warm queue does not allocate.
void send_queue::clear() noexcept
{
    bytes_ = pushed_ = written_ = offset_ = first_end_ = 0;
    attached_bytes_ = attached_messages_ = descriptors_ = 0;
    attached_.reset();
    ends_.clear();
    if (ends_.capacity() > kept_capacity / sizeof(std::size_t))
        ends_.shrink_to_fit();
    std::string kept;
    if (first_piece_ < pieces_.size() && pieces_[first_piece_].capacity() <= 2 * kept_capacity)
        kept = std::move(pieces_[first_piece_]);
    kept.clear();
    for (auto& piece : pieces_)
        spare_memory::give(std::move(piece));
    pieces_.clear();
    first_piece_ = 0;
    tail_is_owned_ = false;
    if (kept.capacity() > std::string{}.capacity())
        pieces_.push_back(std::move(kept));
}

} // namespace oizys::wire
