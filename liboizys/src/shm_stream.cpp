// SPDX-License-Identifier: BSL-1.0
#include "shm_stream.hpp"

#include "shm_end.hpp"

#include <utility>

namespace oizys::detail
{
namespace
{

/// Closes its end when it goes; what is pending then is completed with `operation_aborted`.
class shm_stream final : public stream
{
public:
    explicit shm_stream(std::shared_ptr<shm_end> end) noexcept : end_{std::move(end)} {}
    shm_stream(shm_stream&&) = delete;
    ~shm_stream() override { end_->close(); }

    void async_handshake(wait_handler handler) override { end_->async_handshake(std::move(handler)); }
    bool established() const noexcept override { return end_->established(); }
    void async_read(std::span<char> room, read_handler handler) override
    {
        end_->async_read(room, std::move(handler));
    }
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override
    {
        return end_->try_write(pieces, ec);
    }
    void async_wait_writable(wait_handler handler) override { end_->async_wait_writable(std::move(handler)); }
    std::size_t unread() const noexcept override { return end_->unread(); }
    void cancel_read() override { end_->cancel(); }
    void close() override { end_->close(); }
    boost::asio::any_io_executor get_executor() const noexcept override { return end_->get_executor(); }
    credentials get_credentials() const noexcept override { return end_->get_credentials(); }

private:
    std::shared_ptr<shm_end> end_;
};

std::unique_ptr<stream> make(boost::asio::generic::stream_protocol::socket socket, shm_options const& options,
                             shm_role role)
{
    return std::make_unique<shm_stream>(std::make_shared<shm_end>(std::move(socket), options, role));
}

} // namespace

std::unique_ptr<stream> make_shm_client(boost::asio::generic::stream_protocol::socket socket,
                                        shm_options const& options)
{
    return make(std::move(socket), options, shm_role::connector);
}

std::unique_ptr<stream> make_shm_server(boost::asio::generic::stream_protocol::socket socket,
                                        shm_options const& options)
{
    return make(std::move(socket), options, shm_role::acceptor);
}

} // namespace oizys::detail
