// SPDX-License-Identifier: BSL-1.0
//
// What a server sends while a recording is replayed, to be compared with what it sent then. No I/O.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::cli
{

/// What makes a message the same one as in the recording, whatever it says: an answer to the same request, a
/// notification of or a request for the same method.
std::string likeness(std::string_view message);

/// Whether two messages say the same; in JSON, white space does not count.
bool same_content(std::string_view a, std::string_view b);

class replay_inbox
{
public:
    static constexpr std::size_t max_waiting = 65536; ///< messages that nobody asked for yet

    /// False if there are too many.
    bool add(std::string message);

    /// The first one that is like `recorded`.
    std::optional<std::string> take(std::string_view recorded);

    std::size_t size() const noexcept { return waiting_.size(); }

private:
    struct entry
    {
        std::string likeness;
        std::string message;
    };

    std::list<entry> waiting_;
};

} // namespace oizys::cli
