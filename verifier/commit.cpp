// The bridge between the writer's thread and a coroutine's executor.
#include "verifier/commit.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <thread>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;

Awaitable<Result<>> commit(Store& store, Store::Work work) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto initiate = [&store, executor, work = std::move(work)](auto handler) mutable {
        // std::function copies what it holds, and a handler can't be copied.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto guard = asio::make_work_guard(executor);
        store.submit(std::move(work), [executor, shared, guard](Result<> result) mutable {
            asio::post(executor, [shared = std::move(shared), result = std::move(result)]() mutable {
                (*shared)(std::move(result));
            });
            guard.reset();
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<>)>(std::move(initiate),
                                                                                           asio::use_awaitable);
}

void drain_commits(Store& store) {
    for (;;) {
        const auto done = store.write([](WriteTxn&) { return Result<>{}; });
        if (done || done.error().code != Errc::busy) return;
        std::this_thread::yield();
    }
}

} // namespace provenbl::verifier
